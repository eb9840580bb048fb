// A picture with a text alternative, points on it that can be moved, and a line that says what is seen.
// Mouse, pen, finger and arrow keys move a point. At most one change is on its way to the kernel: the widget manager
// keeps the latest until the one before has been answered.
const PATIENCE = 8000; // milliseconds without an answer after which the page says so
const BEAT = 2000;
const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

function element(tag, name, parent) {
  const made = document.createElement(tag);
  made.className = name;
  parent.append(made);
  return made;
}

function watchKernel(model, notice) {
  let asked = 0; // when the question was sent that waits for an answer
  const answered = (message) => {
    if (message && message.beat !== undefined) {
      asked = 0;
      notice.hidden = true;
    }
  };
  const beat = () => {
    const now = Date.now();
    if (asked && now - asked > PATIENCE) {
      notice.textContent =
        "The kernel does not answer: it is busy with another cell, or gone. If it is gone, run this cell again.";
      notice.hidden = false;
    }
    if (asked) return;
    asked = now;
    try {
      model.send({ beat: now });
    } catch {
      asked = now - PATIENCE - 1; // there is nobody to send to
    }
  };
  model.on("msg:custom", answered);
  const timer = setInterval(beat, BEAT);
  return () => {
    clearInterval(timer);
    model.off("msg:custom", answered);
  };
}

function render({ model, el }) {
  el.classList.add("warpgan-picture");
  const frame = element("div", "warpgan-frame", el);
  const image = element("img", "warpgan-image", frame);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "warpgan-lines");
  svg.setAttribute("aria-hidden", "true");
  frame.append(svg);
  const status = element("p", "warpgan-status", el);
  status.setAttribute("role", "status");
  const notice = element("p", "warpgan-notice", el);
  notice.setAttribute("role", "alert");
  notice.hidden = true;
  const unwatch = watchKernel(model, notice);

  let buttons = [];
  let places = []; // [x, y] of each point in pixels of the picture, or null
  let held = -1; // the point that is being dragged
  let serial = 0;
  let stroke = 0; // a drag from press to release, or one key
  let url = "";
  let hidden = ""; // what is said once the picture has been hidden
  let timer = 0;

  function showImage() {
    const bytes = model.get("png");
    const old = url;
    url = bytes && bytes.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : "";
    const release = () => old && URL.revokeObjectURL(old);
    image.addEventListener("load", release, { once: true });
    hidden = "";
    clearTimeout(timer);
    image.style.width = image.style.aspectRatio = "";
    if (url) image.src = url;
    image.alt = model.get("alt");
    image.dataset.took = model.get("took"); // benchmarks subtract it
    showStatus();
  }

  function startClock() {
    clearTimeout(timer);
    const seconds = model.get("seconds");
    if (seconds && url && image.src === url) timer = setTimeout(hide, 1000 * seconds, seconds);
  }

  function hide(seconds) {
    const { clientWidth, clientHeight } = image; // its place stays
    image.style.width = `${clientWidth}px`;
    image.style.aspectRatio = `${clientWidth} / ${clientHeight}`;
    image.src = BLANK;
    URL.revokeObjectURL(url);
    url = "";
    hidden = `The picture was shown for ${seconds} s and is hidden now.`;
    image.alt = hidden;
    showStatus();
  }

  function showStatus() {
    status.textContent = [model.get("status"), hidden].filter(Boolean).join(" ");
    status.hidden = !status.textContent;
  }

  function label(index) {
    const [x, y] = places[index];
    return `${model.get("names")[index]}: x ${x.toFixed(1)}, y ${y.toFixed(1)}`;
  }

  function place(index) {
    const button = buttons[index];
    button.hidden = !places[index];
    if (!places[index]) return;
    const [left, top] = model.get("origin");
    const [x, y] = places[index];
    button.style.left = `${(100 * (x - left + 0.5)) / model.get("width")}%`; // half a pixel: places are of centres
    button.style.top = `${(100 * (y - top + 0.5)) / model.get("height")}%`;
    button.setAttribute("aria-label", label(index));
  }

  function drawLines() {
    const [left, top] = model.get("origin");
    svg.setAttribute("viewBox", `${left - 0.5} ${top - 0.5} ${model.get("width")} ${model.get("height")}`);
    const lines = model.get("lines").filter(([a, b]) => places[a] && places[b]);
    while (svg.childNodes.length > lines.length) svg.lastChild.remove();
    while (svg.childNodes.length < lines.length) {
      svg.append(document.createElementNS("http://www.w3.org/2000/svg", "line"));
    }
    lines.forEach(([a, b, kind], index) => {
      const line = svg.childNodes[index];
      line.setAttribute("class", kind || "");
      line.setAttribute("x1", places[a][0]);
      line.setAttribute("y1", places[a][1]);
      line.setAttribute("x2", places[b][0]);
      line.setAttribute("y2", places[b][1]);
      line.style.stroke = model.get("colours")[b] || "";
    });
  }

  function onCircle(index, x, y) {
    const circle = model.get("circles")[index];
    if (!circle) return [x, y];
    const [middle, centre, radius] = circle;
    const far = Math.hypot(x - middle, y - centre);
    return far ? [middle + ((x - middle) * radius) / far, centre + ((y - centre) * radius) / far] : places[index];
  }

  function settle() {
    if (model.get("circles").length) showHandles(); // what hangs together is placed by the kernel
  }

  function move(index, x, y) {
    [x, y] = onCircle(index, x, y);
    const [left, top] = model.get("origin");
    const all = [left, top, left + model.get("width") - 1, top + model.get("height") - 1];
    const [first, upper, last, lower] = model.get("reach").length ? model.get("reach") : all;
    places[index] = [Math.min(Math.max(x, first), last), Math.min(Math.max(y, upper), lower)];
    place(index);
    drawLines();
    serial += 1;
    model.set("moved", { index, x: places[index][0], y: places[index][1], serial, stroke });
    model.save_changes();
  }

  function makeButton(index) {
    const button = element("button", "warpgan-handle", frame);
    button.type = "button";
    button.addEventListener("pointerdown", (event) => {
      held = index;
      stroke += 1;
      button.setPointerCapture(event.pointerId);
      event.preventDefault();
      button.focus();
    });
    button.addEventListener("pointermove", (event) => {
      if (held !== index) return;
      const box = frame.getBoundingClientRect();
      const [left, top] = model.get("origin");
      const x = left + ((event.clientX - box.left) / box.width) * model.get("width") - 0.5;
      const y = top + ((event.clientY - box.top) / box.height) * model.get("height") - 0.5;
      move(index, x, y);
    });
    const release = () => {
      held = -1;
      settle();
    };
    button.addEventListener("pointerup", release);
    button.addEventListener("pointercancel", release);
    button.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? 5 : 1;
      const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
      if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the notebook would move to another cell
      stroke += 1;
      move(index, places[index][0] + by[0], places[index][1] + by[1]);
    });
    button.addEventListener("keyup", settle);
    return button;
  }

  function showHandles() {
    const found = model.get("handles");
    while (buttons.length > found.length) buttons.pop().remove();
    while (buttons.length < found.length) buttons.push(makeButton(buttons.length));
    const kinds = model.get("kinds");
    const colours = model.get("colours");
    found.forEach((at, index) => {
      if (index === held) return; // the hand knows better
      places[index] = at;
      buttons[index].dataset.kind = kinds[index] || "round";
      buttons[index].style.setProperty("--warpgan-point", colours[index] || "#fff");
      place(index);
    });
    places.length = found.length;
    drawLines();
  }

  function putBack() {
    if (model.get("moved").index !== undefined) return; // the page's own
    held = -1;
    showHandles();
  }

  function showSize() {
    const scale = model.get("scale");
    frame.style.width = scale ? `${model.get("width") * scale}px` : "";
    frame.classList.toggle("warpgan-scaled", Boolean(scale));
  }

  image.addEventListener("load", startClock);
  const listeners = [
    ["change:png change:alt", showImage],
    ["change:status", showStatus],
    ["change:handles change:names change:kinds change:colours change:lines", showHandles],
    ["change:width change:height change:scale", showSize],
    ["change:origin", showHandles],
    ["change:moved", putBack],
  ];
  for (const [events, listener] of listeners) {
    for (const event of events.split(" ")) model.on(event, listener);
    listener();
  }
  return () => {
    unwatch();
    clearTimeout(timer);
    for (const [events, listener] of listeners) {
      for (const event of events.split(" ")) model.off(event, listener);
    }
    if (url) URL.revokeObjectURL(url);
  };
}

export default { render };
