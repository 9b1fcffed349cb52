"use strict";
(() => {
  const picture = document.getElementById("picture");
  const view = document.getElementById("view");
  const details = document.getElementById("details");
  const facts = JSON.parse(document.getElementById("facts").textContent);
  const items = [...picture.querySelectorAll("[role=treeitem]")];
  const leaves = items.filter((item) => item.dataset.leaf !== undefined);
  const sections = [...picture.querySelectorAll(".section")].map(section);
  // Boxes from which a large network starts folded.
  const MANY = 300;

  // Folding: a section is its frame, its header and its body; what stands below it in the same column moves up.

  function section(element) {
    const part = (name) => [...element.children].find((child) => child.classList.contains(name));
    const made = {
      element, header: part("header"), body: part("body"), frame: element.querySelector("rect"),
      height: Number(element.dataset.height), low: Number(element.dataset.folded), folded: false,
      ways: [...element.children].filter((child) => child.dataset.points),
    };
    made.bottom = Number(made.frame.getAttribute("y")) + made.height;
    made.sign = sign(made);
    return made;
  }

  function sign(made) {
    const namespace = "http://www.w3.org/2000/svg";
    const [x, y, width] = ["x", "y", "width"].map((name) => Number(made.frame.getAttribute(name)));
    const hit = document.createElementNS(namespace, "rect");
    hit.setAttribute("class", "hit");
    for (const [name, value] of Object.entries({ x, y, width, height: made.low, rx: 6 })) hit.setAttribute(name, value);
    const path = document.createElementNS(namespace, "path");
    path.setAttribute("class", "sign");
    path.dataset.at = `${x + 10} ${y + made.low / 2}`;
    made.header.prepend(hit);
    made.header.append(path);
    return path;
  }

  function shift(element, dy) {
    if (dy === 0) element.removeAttribute("transform");
    else element.setAttribute("transform", `translate(0 ${-dy})`);
  }

  // Draws a section as it is folded; gives by how many pixels it is lower than in full.
  function place(made) {
    let missing = 0;
    for (const child of made.body.children) {
      shift(child, missing);
      const inner = sections.find((other) => other.element === child);
      if (inner) missing += place(inner);
    }
    if (made.folded) missing = made.height - made.low;
    made.body.classList.toggle("gone", made.folded);
    made.frame.setAttribute("height", made.height - missing);
    made.header.setAttribute("aria-expanded", String(!made.folded));
    const [x, y] = made.sign.dataset.at.split(" ").map(Number);
    made.sign.setAttribute("d", made.folded ? `M${x - 2} ${y - 4}l4 4l-4 4` : `M${x - 4} ${y - 2}l4 4l4 -4`);
    for (const way of made.ways) lead(way, made.bottom, missing);
    return missing;
  }

  // A way out of a column begins at its bottom.
  function lead(way, bottom, missing) {
    const points = way.dataset.points.split(",").map((point) => point.split(" ").map(Number));
    const moved = points.map(([x, y]) => [x, y >= bottom ? y - missing : y]);
    const stays = moved[moved.length - 1][1] === points[points.length - 1][1];
    const last = moved[moved.length - 1];
    moved[moved.length - 1] = [last[0], last[1] - 6];
    way.setAttribute("d", "M" + moved.map((point) => point.join(" ")).join("L"));
    shift(way.nextElementSibling, stays ? 0 : missing);
  }

  function refresh() {
    for (const made of sections) if (!made.element.parentElement.closest(".section")) place(made);
  }

  function of(header) {
    return sections.find((made) => made.header === header);
  }

  function fold(made, folded) {
    made.folded = folded;
    refresh();
  }

  function foldAll(folded) {
    for (const made of sections) made.folded = folded && Number(made.element.dataset.level) > 1;
    refresh();
    fit();
  }

  // Moving and zooming: the part of the picture that is seen.

  const [, , fullWidth, fullHeight] = picture.getAttribute("viewBox").split(" ").map(Number);
  const seen = { x: 0, y: 0, width: fullWidth, height: fullHeight };

  function show() {
    picture.setAttribute("viewBox", `${seen.x} ${seen.y} ${seen.width} ${seen.height}`);
  }

  function scale() {
    return Math.max(seen.width / view.clientWidth, seen.height / view.clientHeight);
  }

  // Keeps the point of the screen where it is; by default its middle.
  function zoom(factor, x = view.clientWidth / 2, y = view.clientHeight / 2) {
    const before = scale();
    const after = Math.min(Math.max(before * factor, 0.2), Math.max(fullWidth, fullHeight) / 200);
    const left = seen.x + seen.width / 2 - (view.clientWidth / 2) * before;
    const top = seen.y + seen.height / 2 - (view.clientHeight / 2) * before;
    seen.x = left + x * (before - after);
    seen.y = top + y * (before - after);
    seen.width = view.clientWidth * after;
    seen.height = view.clientHeight * after;
    show();
  }

  // All of it from the top, letters not larger than they are and not too small to be read.
  function fit() {
    const box = picture.getBBox();
    const low = Math.max(0, ...sections.map((made) => made.element.getBBox().y + made.element.getBBox().height));
    const height = sections.length ? low + 24 : box.height;
    const wanted = Math.max(fullWidth / view.clientWidth, height / view.clientHeight, 1);
    const used = Math.min(wanted, 2.5);
    seen.width = view.clientWidth * used;
    seen.height = view.clientHeight * used;
    seen.x = Math.min(0, (fullWidth - seen.width) / 2);
    seen.y = 0;
    show();
  }

  function bring(item) {
    const inside = item.getBoundingClientRect();
    const frame = view.getBoundingClientRect();
    const step = scale();
    const over = (low, high, from, to) => (low < from ? low - from - 40 : high > to ? high - to + 40 : 0);
    seen.x += over(inside.left, inside.right, frame.left, frame.right) * step;
    seen.y += over(inside.top, inside.bottom, frame.top, frame.bottom) * step;
    show();
  }

  const fingers = new Map();
  let dragged = 0;

  view.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    dragged = 0;
  });
  window.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    dragged += Math.abs(dx) + Math.abs(dy);
    if (fingers.size === 2) {
      const [a, b] = [...fingers.values()];
      const other = a.pointerId === event.pointerId ? b : a;
      const length = (from) => Math.hypot(from.clientX - other.clientX, from.clientY - other.clientY);
      const frame = view.getBoundingClientRect();
      const middle = [(a.clientX + b.clientX) / 2 - frame.left, (a.clientY + b.clientY) / 2 - frame.top];
      zoom(length(before) / Math.max(length(event), 1), ...middle);
    } else {
      view.classList.toggle("dragged", dragged > 4);
      const step = scale();
      seen.x -= dx * step;
      seen.y -= dy * step;
      show();
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    window.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      view.classList.remove("dragged");
    });
  }
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    const frame = view.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      zoom(Math.exp(event.deltaY / 300), event.clientX - frame.left, event.clientY - frame.top);
      return;
    }
    const unit = event.deltaMode === 1 ? 16 : 1;
    const step = scale() * unit;
    seen.x += (event.shiftKey ? event.deltaY : event.deltaX) * step;
    seen.y += (event.shiftKey ? 0 : event.deltaY) * step;
    show();
  }, { passive: false });

  // One box at a time has the focus; the arrow keys go from one to the next.

  let current = items[0];

  function isThere(item) {
    const body = item.closest(".gone");
    return body === null;
  }

  function focus(item) {
    if (!item) return;
    current.tabIndex = -1;
    current = item;
    current.tabIndex = 0;
    current.focus({ preventScroll: true });
    bring(current);
  }

  function choose(leaf) {
    for (const other of leaves) other.setAttribute("aria-selected", String(other === leaf));
    const { name, facts: known } = facts[Number(leaf.dataset.leaf)];
    const list = document.createElement("dl");
    for (const [label, lines] of known) {
      list.append(Object.assign(document.createElement("dt"), { textContent: label }));
      for (const line of lines) list.append(Object.assign(document.createElement("dd"), { textContent: line }));
    }
    details.replaceChildren(Object.assign(document.createElement("h2"), { textContent: name }), list);
  }

  function act(item) {
    const made = of(item);
    if (made) fold(made, !made.folded);
    else choose(item);
  }

  // The header of what an item is in.
  function above(item) {
    const outer = of(item) ? item.parentElement.parentElement : item;
    const around = outer.closest(".section");
    return around && sections.find((made) => made.element === around).header;
  }

  function step(by) {
    const there = items.filter(isThere);
    focus(there[there.indexOf(current) + by]);
  }

  const KEYS = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => focus(items[0]),
    End: () => focus(items.filter(isThere).pop()),
    ArrowRight: () => {
      const made = of(current);
      if (made && made.folded) fold(made, false);
      else step(1);
    },
    ArrowLeft: () => {
      const made = of(current);
      if (made && !made.folded) fold(made, true);
      else focus(above(current));
    },
    Enter: () => act(current),
    " ": () => act(current),
    "+": () => zoom(0.8),
    "=": () => zoom(0.8),
    "-": () => zoom(1.25),
    0: fit,
  };

  picture.addEventListener("keydown", (event) => {
    const key = KEYS[event.key];
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    key();
  });
  picture.addEventListener("click", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || dragged > 4) return;
    focus(item);
    act(item);
  });

  // Search: what matches is marked; Enter goes from one to the next.

  const search = document.getElementById("search");
  const matches = document.getElementById("matches");
  let found = [];
  let at = -1;

  function find() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (leaf) => words.every((word) => leaf.getAttribute("aria-label").toLowerCase().includes(word));
    found = words.length ? leaves.filter(fits) : [];
    at = -1;
    for (const leaf of leaves) leaf.classList.remove("match");
    for (const leaf of found) leaf.classList.add("match");
    matches.value = words.length ? `${found.length} of ${leaves.length}` : "";
  }

  function next(by) {
    if (!found.length) return;
    at = (at + by + found.length) % found.length;
    const leaf = found[at];
    for (const made of sections) if (made.element.contains(leaf)) made.folded = false;
    refresh();
    choose(leaf);
    bring(leaf);
    current.tabIndex = -1;
    current = leaf;
    current.tabIndex = 0;
    matches.value = `${at + 1} of ${found.length}: ${facts[Number(leaf.dataset.leaf)].name}`;
  }

  search.addEventListener("input", find);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") next(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") { search.value = ""; find(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target === search) return;
    event.preventDefault();
    search.focus();
  });

  const press = (id, what) => document.getElementById(id).addEventListener("click", what);
  press("in", () => zoom(0.8));
  press("out", () => zoom(1.25));
  press("fit", fit);
  press("fold", () => foldAll(true));
  press("unfold", () => foldAll(false));
  press("help-button", (event) => {
    const help = document.getElementById("help");
    help.hidden = !help.hidden;
    event.target.setAttribute("aria-expanded", String(!help.hidden));
  });
  for (const id of ["fold", "unfold"]) document.getElementById(id).hidden = !sections.length;

  window.addEventListener("resize", () => zoom(1));
  if (current) current.tabIndex = 0;
  for (const made of sections) made.folded = leaves.length > MANY && Number(made.element.dataset.level) > 1;
  refresh();
  fit();
})();
