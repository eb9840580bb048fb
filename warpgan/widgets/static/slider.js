// A number with a name: a range and a field beside it, both of them the browser's own, for mouse, keyboard and screen
// reader. At most one change is on its way to the kernel, as in picture.js.
let count = 0;

function render({ model, el }) {
  el.classList.add("warpgan-slider");
  const id = `warpgan-slider-${(count += 1)}-${Math.random().toString(36).slice(2)}`;
  const label = document.createElement("label");
  const range = document.createElement("input");
  const field = document.createElement("input");
  label.htmlFor = range.id = id;
  range.type = "range";
  field.type = "number";
  el.append(label, range, field);

  function show() {
    label.textContent = model.get("label");
    field.setAttribute("aria-label", `${model.get("label")}, as a number`);
    for (const input of [range, field]) {
      for (const name of ["min", "max", "step"]) input[name] = model.get(name);
      input.disabled = model.get("disabled");
      if (input !== document.activeElement || Number(input.value) !== model.get("value")) {
        input.value = model.get("value");
      }
    }
  }

  function send(text) {
    const value = Number(text);
    if (text === "" || !Number.isFinite(value)) return; // not yet a number
    const kept = Math.min(Math.max(value, model.get("min")), model.get("max"));
    (range.value = kept), model.set("value", kept);
    model.save_changes();
  }

  range.addEventListener("input", () => {
    field.value = range.value;
    send(range.value);
  });
  field.addEventListener("change", () => {
    send(field.value);
    field.value = model.get("value");
  });
  for (const input of [range, field]) {
    // The notebook has keys of its own.
    input.addEventListener("keydown", (event) => event.stopPropagation());
  }
  const events = ["value", "label", "min", "max", "step", "disabled"].map((name) => `change:${name}`);
  for (const event of events) model.on(event, show);
  show();
  return () => {
    for (const event of events) model.off(event, show);
  };
}

export default { render };
