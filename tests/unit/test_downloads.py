"""Downloads: nothing unasked, nothing unchecked, and a cut one goes on where it stopped."""

import hashlib
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from warpgan import downloads
from warpgan.downloads import File, fetch

CONTENT = os.urandom(300_000)


def published(url, content=CONTENT, sha256=None):
    digest = sha256 or hashlib.sha256(content).hexdigest()[:8]
    return File(url, round(len(content) / 2**20, 3), digest, "a test")


@pytest.fixture
def server():
    """A server of this machine: `files` by name, `cut` bytes after which it hangs up, and a log of ranges asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = self.server.files.get(self.path[1:])
            asked = self.headers.get("Range")
            self.server.asked.append(asked)
            if content is None:
                self.send_error(404)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.ranges else 0
            if start:
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start : self.server.cut])

        def log_message(self, *arguments):
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.cut, server.asked, server.ranges = {"net.pth": CONTENT}, None, [], True
    server.url = f"http://127.0.0.1:{server.server_port}/net.pth"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def get(file, folder, **options):
    return fetch(file, download=True, folder=folder, progress=False, **options)


def test_nothing_is_downloaded_unasked(server, tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        fetch(published(server.url), folder=tmp_path / "new")
    assert server.asked == [] and not (tmp_path / "new").exists()
    sentence = str(error.value)
    assert str(tmp_path / "new" / "net.pth") in sentence and server.url in sentence and "download=True" in sentence
    with pytest.raises(FileNotFoundError, match=r"226 MiB, sha256 fc266e95"):
        fetch("keypointrcnn_resnet50_fpn", folder=tmp_path)


def test_a_file_arrives_whole_and_is_fetched_once(server, tmp_path):
    path = get(published(server.url), tmp_path)
    assert path.read_bytes() == CONTENT and [p.name for p in tmp_path.iterdir()] == ["net.pth"]
    assert fetch(published(server.url), folder=tmp_path) == path and len(server.asked) == 1


def test_a_cut_download_goes_on_where_it_stopped(server, tmp_path):
    server.cut = 100_000
    with pytest.raises(ConnectionError, match=r"100000 bytes of .* have arrived .*call again to go on"):
        get(published(server.url), tmp_path)
    assert not (tmp_path / "net.pth").exists()
    server.cut = None
    assert get(published(server.url), tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-"]
    assert [p.name for p in tmp_path.iterdir()] == ["net.pth"]


def test_a_server_that_cannot_go_on_sends_everything(server, tmp_path):
    (tmp_path / ".net.pth.part").write_bytes(b"x" * 5000)
    server.ranges = False
    assert get(published(server.url), tmp_path).read_bytes() == CONTENT


def test_a_whole_part_of_a_killed_process_is_only_checked(server, tmp_path):
    (tmp_path / ".net.pth.part").write_bytes(CONTENT)
    assert get(published(server.url), tmp_path).read_bytes() == CONTENT and server.asked == []


def test_a_wrong_sum_is_never_kept(server, tmp_path):
    with pytest.raises(ValueError, match=r"net\.pth: .*its sha256 begins with [0-9a-f]{8} where 00000000"):
        get(published(server.url, sha256="00000000"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_size_is_refused_before_anything_is_taken(server, tmp_path):
    server.files["net.pth"] = CONTENT * 2
    with pytest.raises(ValueError, match="announces 600000 bytes where 0.286 MiB are published"):
        get(published(server.url), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_file_at_the_place_is_told_and_left_alone(tmp_path):
    (tmp_path / "net.pth").write_bytes(b"mine")
    with pytest.raises(ValueError, match=r"net\.pth: it has 4 bytes .* where 0.286 MiB are published; delete it"):
        fetch(published("http://127.0.0.1:1/net.pth"), folder=tmp_path, download=True)
    assert (tmp_path / "net.pth").read_bytes() == b"mine"


def test_nobody_answers(tmp_path):
    with pytest.raises(ConnectionError, match=r"0 bytes of .*on another machine and put it at .*net\.pth"):
        get(published("http://127.0.0.1:1/net.pth"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_page_is_a_sentence(server, tmp_path):
    with pytest.raises(ConnectionError, match="Not Found"):
        get(published(server.url + "x"), tmp_path)


def test_two_at_once_do_not_mix(server, tmp_path):
    pytest.importorskip("fcntl")
    with downloads._alone(tmp_path / ".net.pth.part"), pytest.raises(ConnectionError, match="another process"):
        get(published(server.url), tmp_path)


def test_local_addresses_work(tmp_path):
    (tmp_path / "net.pth").write_bytes(CONTENT)
    path = get(published((tmp_path / "net.pth").as_uri()), tmp_path / "out")
    assert path.read_bytes() == CONTENT


def test_unknown_names_list_the_known():
    with pytest.raises(KeyError, match="keypointrcnn_resnet50_fpn, mobilenet"):
        fetch("resnet")
