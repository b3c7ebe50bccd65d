"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("#records tbody tr")];
  const headings = [...document.querySelectorAll("#records thead th")].map((h) => h.textContent);
  const [type, status, score] = ["type", "status", "score"].map(find);
  const panel = find("event");

  // Event id -> the words that tell it: its triggers and its arguments.
  const words = new Map();
  for (const element of document.querySelectorAll("[data-events]")) {
    for (const id of element.dataset.events.split(" ")) {
      if (!words.has(id)) words.set(id, []);
      words.get(id).push(element);
    }
  }

  // ---- filters

  function fill(select, key) {
    const values = new Set(rows.map((row) => row.dataset[key]));
    for (const value of [...values].sort()) select.add(new Option(value, value));
  }

  function filter() {
    let count = 0;
    for (const row of rows) {
      const shown =
        (!type.value || row.dataset.type === type.value) &&
        (!status.value || row.dataset.status === status.value) &&
        Number(row.dataset.score) >= Number(score.value);
      row.hidden = !shown;
      count += shown;
      for (const element of words.get(row.id) ?? []) {
        if (element.classList.contains("trigger")) element.classList.toggle("off", !shown);
      }
    }
    find("least").textContent = Number(score.value).toFixed(2);
    find("count").textContent = `${count} of ${rows.length} events`;
  }

  function showTarget() {
    const row = find(decodeURIComponent(location.hash.slice(1)));
    if (row?.matches("tr[hidden]")) {
      type.value = status.value = "";
      score.value = 0;
      filter();
      row.scrollIntoView();
    }
  }

  // ---- the event of the words under the pointer or in focus

  function mark(id, on) {
    for (const element of words.get(id) ?? []) element.classList.toggle("on", on);
  }

  let current = null;
  function showEvent(id) {
    if (id === current) return;
    if (current) mark(current, false);
    current = id;
    panel.hidden = id === null;
    if (id === null) return;
    mark(id, true);
    const list = document.createElement("dl");
    [...find(id).cells].forEach((cell, i) => {
      if (!cell.textContent.trim()) return;
      const item = document.createElement("div");
      for (const [tag, text] of [["dt", headings[i]], ["dd", cell.innerText]]) {
        item.appendChild(document.createElement(tag)).textContent = text;
      }
      list.append(item);
    });
    panel.replaceChildren(list);
  }

  function pointed(event) {
    const trigger = event.target.closest?.(".trigger");
    if (trigger) showEvent(trigger.dataset.events);
    else if (!event.target.closest?.("#event")) showEvent(null);
  }

  fill(type, "type");
  fill(status, "status");
  filter();
  find("filters").hidden = rows.length === 0;
  find("filters").addEventListener("input", filter);
  document.addEventListener("mouseover", pointed);
  document.addEventListener("focusin", pointed);
  document.addEventListener("keydown", (event) => event.key === "Escape" && showEvent(null));
  window.addEventListener("hashchange", showTarget);
  showTarget();
})();
