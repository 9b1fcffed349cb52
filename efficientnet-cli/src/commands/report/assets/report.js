"use strict";
(() => {
  // Links to the variants become tabs (the pattern of ARIA's authoring practices): one panel at a time, arrow keys
  // from tab to tab. Without this script all panels are there.

  const list = document.getElementById("choice");
  const tabs = [...list.querySelectorAll("a")];
  const panel = (tab) => document.getElementById(tab.hash.slice(1));

  function choose(chosen) {
    for (const tab of tabs) {
      const is = tab === chosen;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      panel(tab).hidden = !is;
    }
  }

  list.setAttribute("role", "tablist");
  for (const tab of tabs) {
    tab.parentElement.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel(tab).id);
    panel(tab).setAttribute("role", "tabpanel");
    panel(tab).tabIndex = 0;
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(tab);
    });
  }

  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1,
    }[event.key];
    if (event.key === " ") event.preventDefault();
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const tab = tabs.at(to % tabs.length);
    choose(tab);
    tab.focus();
  });

  // Links from elsewhere in the page, and addresses with a variant in them.
  function follow() {
    const tab = tabs.find((tab) => tab.hash === location.hash);
    if (!tab) return;
    choose(tab);
    panel(tab).scrollIntoView();
  }

  choose(tabs[0]);
  follow();
  window.addEventListener("hashchange", follow);

  // What is wider than the screen can be scrolled with the keyboard.
  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const element of document.querySelectorAll(".scroll")) widths.observe(element);
})();
