// What is too wide scrolls in its own box, and such a box can be reached by the keyboard.
function fit() {
  const article = document.querySelector("article");
  if (!article) return;
  for (const equation of article.querySelectorAll("span.math")) {
    equation.classList.remove("wide");
    equation.classList.toggle("wide", equation.getBoundingClientRect().width > article.clientWidth);
  }
  for (const picture of article.querySelectorAll("a > img")) {  // a row of many tiles
    const width = picture.naturalWidth, flat = width > 1.5 * picture.naturalHeight;
    const wide = width > (flat ? 1.5 : 2.2) * article.clientWidth;
    picture.parentElement.classList.toggle("wide", wide);
  }
  for (const box of article.querySelectorAll("pre, .table-wrapper, .output, .math.wide, mjx-container[display]")) {
    const scrolls = box.scrollWidth > box.clientWidth;
    if (box.matches(".table-wrapper, .text_html")) box.classList.toggle("wide", scrolls);
    if (scrolls) box.tabIndex = 0;
    else if (!box.matches("mjx-container")) box.removeAttribute("tabindex");
  }
}
addEventListener("load", () => window.MathJax?.startup ? MathJax.startup.promise.then(fit) : fit());
addEventListener("resize", fit);
