// page.js - draws a recording, of which `data` has what is shown.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const colour = (i) =>
    getComputedStyle(document.documentElement).getPropertyValue("--c" + (i % 8)).trim();
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const sizeText = (bytes) => {
    if (bytes === null || bytes === undefined) return "–";
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    for (; bytes >= 1024 && unit < units.length - 1; ++unit) bytes /= 1024;
    return (unit === 0 || bytes >= 100 || Number.isInteger(bytes) ? Math.round(bytes)
      : bytes.toFixed(1)) + " " + units[unit];
  };
  const timeText = (ms) => {
    if (ms < 1000) return ms + " ms";
    const s = Math.round(ms / 1000);
    if (s < 60) return s + " s";
    if (s < 3600) return Math.floor(s / 60) + " min" + (s % 60 ? " " + (s % 60) + " s" : "");
    if (s < 86400) {
      return Math.floor(s / 3600) + " h" + (s % 3600 >= 60 ? " " + Math.floor((s % 3600) / 60) + " min" : "");
    }
    return Math.floor(s / 86400) + " d" + (s % 86400 >= 3600 ? " " + Math.floor((s % 86400) / 3600) + " h" : "");
  };
  // Of a long recording the day as well; in UTC, wherever it is looked at.
  const isLong = data.time.length > 0 && data.time[data.time.length - 1] - data.time[0] > 86400;
  const clockText = (t) => {
    const text = new Date(t * 1000).toISOString();
    return isLong ? text.slice(5, 10) + " " + text.slice(11, 16) : text.slice(11, 19);
  };
  const count = (n) => n.toLocaleString("en-US");
  const add = (to, tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    to.appendChild(made);
    return made;
  };

  // What was seen, unless one that came and went between two looks held more.
  function mostOfOne() {
    const seen = data.largest.length ? data.largest[0].most : 0;
    let row = data.ended_peaks.length - 1;
    while (row > 0 && !data.ended_peaks[row]) --row;
    if (row === 0 || data.size_bounds[row - 1] < seen) return sizeText(seen);
    return row < data.size_bounds.length ? "≤ " + sizeText(data.size_bounds[row])
      : "> " + sizeText(data.size_bounds[row - 1]);
  }

  function head() {
    document.title = data.program + " – connarena";
    at("title").textContent = data.program + ", process " + data.pid +
      (data.most_processes > 1 ? " and its workers, " + data.most_processes + " at most" : "");
    const start = new Date(data.time[0] * 1000);
    const span = (data.time[data.time.length - 1] - data.time[0]) * 1000;
    at("when").textContent = start.toLocaleString("en-GB", { timeZone: "UTC" }) + " UTC, for " +
      timeText(span) + ", " + count(data.looks) + " looks";
    const tell = (name, value) => {
      const one = add(at("numbers"), "div");
      add(one, "b", value);
      add(one, "span", name, "quiet");
    };
    tell("resident memory, at most", sizeText(data.most_resident));
    tell("footprint, at most", sizeText(data.most_footprint));
    tell("one connection, at most", mostOfOne());
    tell("connections opened", count(data.opened));
    tell("open at a time, at most", count(data.most_open));
    tell("outlived their connection", sizeText(data.survivor_bytes));
    if (data.disconnected) tell("connections disconnected", count(data.disconnected));
    if (data.refused) tell("blocks refused by a limit", count(data.refused));
  }

  const charts = [];
  function chart(id, series, values, format) {
    const box = at(id);
    const axis = { stroke: ink("--quiet"), grid: { stroke: ink("--line"), width: 1 },
      ticks: { stroke: ink("--line"), width: 1 } };
    const made = new uPlot({
      width: box.clientWidth, height: 260, padding: [null, 32, null, null],
      // Sizes go in powers of two.
      scales: { y: { range: (u, low, high) => [0, high > 0 ? high * 1.05 : 1] } },
      axes: [{ ...axis, values: (u, splits) => splits.map(clockText) }, { ...axis, size: 76, values: (u, splits) => splits.map(format),
        incrs: format === sizeText
          ? [...Array(45).keys()].flatMap((p) => p < 2 ? [2 ** p] : [2 ** p, 2 ** p * 1.25])
          : [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000] }],
      series: [{ label: "UTC", value: (u, t) => t === null ? "–" : clockText(t) }]
        .concat(series.map((each, i) => ({ label: each, stroke: colour(i), width: 1.5,
          points: { show: data.time.length < 3 }, value: (u, v) => v === null ? "–" : format(v) }))),
    }, [data.time].concat(values), box);
    charts.push([made, box]);
  }

  function bars(id, sets) {
    const box = at(id);
    const most = Math.max(1, ...sets.flatMap((set) => set.counts));
    const rows = sets[0].labels.length;
    const used = (row) => sets.some((set) => set.counts[row] > 0);
    let first = 0, last = rows - 1;
    while (first < last && !used(first)) ++first;
    while (last > first && !used(last)) --last;
    if (!used(first)) {
      add(box, "span", "None.", "key");
      return;
    }
    for (let row = first; row <= last; ++row) {
      add(box, "span", sets[0].labels[row], "label");
      const bar = add(box, "span", undefined, "bar");
      sets.forEach((set, i) => {
        const line = add(bar, "i");
        line.style.width = (set.counts[row] / most) * 100 + "%";
        line.style.background = colour(set.colour);
      });
      add(box, "span", sets.map((set) => count(set.counts[row])).join(" / "));
    }
    if (sets.length > 1) {
      const key = add(box, "span", undefined, "key");
      sets.forEach((set, i) => {
        add(key, "span", undefined, "dot").style.background = colour(set.colour);
        add(key, "span", set.name + (i + 1 < sets.length ? " / " : ""));
      });
    }
  }
  const labels = (bounds, text) =>
    bounds.map((each) => "up to " + text(each)).concat("more");

  function largest() {
    const shown = data.largest.slice(0, 8);
    if (shown.length) {
      chart("largest", shown.map((each) => each.name + " (" + each.id + ")"),
        shown.map((each) => each.bytes), sizeText);
    } else {
      add(at("largest"), "p", "At none of the looks did an open connection hold anything.", "quiet");
      return;
    }
    const table = at("largest-table");
    const heads = add(table, "tr");
    ["connection", "where it leads", "most that it held", "first seen after", "last seen after"].forEach((each, i) =>
      add(heads, "th", each, i === 2 ? "number" : ""));
    data.largest.forEach((each, i) => {
      const row = add(table, "tr");
      const name = add(row, "td");
      if (i < 8) add(name, "span", undefined, "dot").style.background = colour(i);
      add(name, "span", each.id);
      add(row, "td", each.name);
      add(row, "td", sizeText(each.most), "number");
      const since = (t) => timeText(Math.round((t - data.time[0]) * 1000));
      add(row, "td", since(each.first));
      add(row, "td", since(each.last));
    });
  }

  // Stacks that begin alike share their boxes.
  function tree() {
    const root = { name: "all", bytes: 0, blocks: 0, below: new Map() };
    for (const site of data.sites) {
      let node = root;
      root.bytes += site.bytes;
      root.blocks += site.blocks;
      for (const frame of [...site.frames].reverse()) {
        // Where in a function a call is makes another box only in numbers.
        const name = frame.replace(/\+0x[0-9a-f]+$/, "");
        if (!node.below.has(name)) node.below.set(name, { name, bytes: 0, blocks: 0, below: new Map() });
        node = node.below.get(name);
        node.bytes += site.bytes;
        node.blocks += site.blocks;
      }
    }
    return root;
  }
  function flames() {
    const box = at("flames"), note = at("flame-note");
    if (!data.sites.length) {
      note.textContent = "None were recorded. A program notes them when it is started by " +
        "`connarena record -o FILE PROGRAM`, or runs with `--report=FILE`.";
      return;
    }
    const root = tree();
    let depth = 0;
    const draw = (node, left, width, level) => {
      depth = Math.max(depth, level + 1);
      const frame = add(box, "div", node.name, "frame");
      frame.tabIndex = 0;
      frame.style.left = left * 100 + "%";
      frame.style.width = width * 100 + "%";
      frame.style.top = level * 21 + "px";
      let hash = 0;
      for (const c of node.name) hash = (hash * 31 + c.charCodeAt(0)) % 97;
      frame.style.background = "hsl(" + (25 + (hash % 30)) + " 85% " + (62 + (hash % 12)) + "%)";
      const tell = () => {
        note.textContent = node.name + ": " + sizeText(node.bytes) + " in " + count(node.blocks) +
          (node.blocks === 1 ? " block, " : " blocks, ") +
          Math.round((node.bytes / root.bytes) * 1000) / 10 + "% of all";
      };
      frame.addEventListener("mouseenter", tell);
      frame.addEventListener("focus", tell);
      let from = left;
      const below = [...node.below.values()].sort((one, other) => other.bytes - one.bytes);
      for (const each of below) {
        const part = width * (each.bytes / node.bytes);
        draw(each, from, part, level + 1);
        from += part;
      }
    };
    draw(root, 0, 1, 0);
    box.style.height = depth * 21 + "px";
    note.textContent = sizeText(root.bytes) + " in " + count(root.blocks) + " blocks: an estimate from below, by a sample.";
  }

  function draw() {
    for (const id of ["numbers", "memory", "connections", "largest", "largest-table", "sizes",
      "lifetimes", "flames", "flame-note"]) at(id).replaceChildren();
    charts.length = 0;
    if (!data.time.length) {
      at("title").textContent = "A recording without a look";
      return;
    }
    head();
    const memory = { resident: data.resident, footprint: data.footprint, live: data.live };
    if (data.budget.some((each) => each)) memory.budget = data.budget.map((each) => each || null);
    chart("memory", Object.keys(memory), Object.values(memory), sizeText);
    chart("connections", ["open"], [data.open], (n) => count(Math.round(n)));
    largest();
    bars("sizes", [
      { name: "ended", colour: 0, counts: data.ended_peaks, labels: labels(data.size_bounds, sizeText) },
      { name: "open then", colour: 1, counts: data.open_sizes, labels: [] }]);
    bars("lifetimes", [{ colour: 0, counts: data.ended_lifetimes,
      labels: labels(data.lifetime_bounds_ms, timeText) }]);
    flames();
  }
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  addEventListener("resize", () => {
    for (const [each, box] of charts) each.setSize({ width: box.clientWidth, height: 260 });
  });
  document.documentElement.dataset.state = "drawn";
})();
