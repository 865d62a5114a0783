"use strict";
(() => {
  const root = document.documentElement;
  const svgNS = "http://www.w3.org/2000/svg";

  // Theme: what the system says, until the reader says otherwise. Storage may be forbidden, as in some mail readers.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const toggle = document.querySelector(".theme");
  const name = () => { toggle.textContent = isDark() ? "Light theme" : "Dark theme"; };
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("gapcast-theme", root.dataset.theme); } catch { /* The choice lasts as long as the page. */ }
    name();
  });
  dark.addEventListener("change", name);
  name();

  // Contents: the section in view is marked.
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const bar = document.querySelector("nav ul");
  const mark = () => {
    let current = null;
    for (const id of links.keys()) {
      if (document.getElementById(id).getBoundingClientRect().top <= 120) current = id;
    }
    if (innerHeight + scrollY >= root.scrollHeight - 2) current = [...links.keys()].pop();
    for (const [id, a] of links) {
      if (id === current && !a.hasAttribute("aria-current")) {
        a.setAttribute("aria-current", "true");
        bar.scrollLeft = a.offsetLeft - bar.clientWidth / 3;
      } else if (id !== current) a.removeAttribute("aria-current");
    }
  };
  let asked = false;
  addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; mark(); });
  }, { passive: true });
  mark();

  // Copy: the table as text with tabs, which spreadsheets take.
  const put = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "seen";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  for (const button of document.querySelectorAll("button.copy")) {
    const said = button.textContent;
    button.addEventListener("click", async () => {
      const from = document.getElementById(button.dataset.from);
      const rows = from.rows ? [...from.rows].map((r) => [...r.cells].map((c) => c.textContent.trim()).join("\t")) : [from.textContent];
      const done = await put(rows.join("\n") + "\n");
      button.textContent = done ? "Copied" : "Copying was refused";
      setTimeout(() => { button.textContent = said; }, 2000);
    });
  }

  const swatch = (colour) => {
    const svg = document.createElementNS(svgNS, "svg");
    const dot = document.createElementNS(svgNS, "circle");
    svg.setAttribute("viewBox", "0 0 10 10");
    svg.setAttribute("aria-hidden", "true");
    for (const [key, value] of [["cx", 5], ["cy", 5], ["r", 5], ["fill", colour]]) dot.setAttribute(key, value);
    svg.append(dot);
    return svg;
  };

  for (const figure of document.querySelectorAll("figure.chart")) {
    const svg = figure.querySelector(".drawn > svg");
    const source = figure.querySelector("script.hover");
    const panels = source ? JSON.parse(source.textContent) : [];
    // Names of the series that are hidden; parts of the drawing carry keys, of which several can have one name.
    const hidden = new Set();
    const keys = (name) => new Set(panels.flatMap((p) => p.series).filter((s) => s.label === name).map((s) => s.key));
    for (const box of figure.querySelectorAll(".chip input")) {
      const own = keys(box.value);
      const set = () => {
        if (box.checked) hidden.delete(box.value); else hidden.add(box.value);
        for (const part of svg.querySelectorAll("[data-series]")) {
          if (own.has(part.dataset.series)) part.classList.toggle("off", !box.checked);
        }
      };
      // A browser may remember a box from the last visit.
      box.checked = true;
      box.addEventListener("change", () => { set(); hide(); });
    }

    const drawn = figure.querySelector(".drawn"), frame = figure.querySelector(".frame"), spoken = figure.querySelector(".spoken");
    let tip = null, cross = null, at = null;
    const hide = () => {
      if (tip) tip.remove();
      if (cross) cross.remove();
      tip = cross = null;
    };
    const show = (panel, index, speak) => {
      hide();
      at = { panel, index };
      const [left, top, width, height] = panel.rect, place = panel.at[index];
      const ends = panel.down ? [left, place, left + width, place] : [place, top, place, top + height];
      cross = document.createElementNS(svgNS, "line");
      ["x1", "y1", "x2", "y2"].forEach((key, k) => cross.setAttribute(key, ends[k]));
      cross.setAttribute("class", "cross");
      svg.append(cross);
      tip = document.createElement("div");
      tip.className = "tip";
      const head = document.createElement("b");
      head.textContent = panel.labels[index];
      tip.append(head);
      const words = [panel.labels[index]];
      for (const series of panel.series) {
        if (hidden.has(series.label) || !series.values[index]) continue;
        const row = document.createElement("span"), value = document.createElement("i");
        const label = document.createElement("span");
        label.textContent = series.label;
        value.textContent = series.values[index];
        row.append(swatch(series.colour), label, value);
        tip.append(row);
        words.push(`${series.label} ${series.values[index]}`);
      }
      frame.append(tip);
      if (speak) spoken.textContent = words.join(", ");
      // Beside the line, on the side where there is room.
      const m = svg.getScreenCTM(), box = frame.getBoundingClientRect();
      const px = m.a * (panel.down ? left + width : place) + m.e - box.left;
      const py = m.d * (panel.down ? place : top) + m.f - box.top;
      const side = panel.down || px + 14 + tip.offsetWidth > box.width ? px - 14 - tip.offsetWidth : px + 14;
      tip.style.left = `${Math.max(0, Math.min(side, box.width - tip.offsetWidth))}px`;
      tip.style.top = `${Math.max(0, panel.down ? py + 10 : py)}px`;
    };
    const nearest = (panel, z) => {
      let best = 0;
      panel.at.forEach((p, k) => { if (Math.abs(p - z) < Math.abs(panel.at[best] - z)) best = k; });
      return best;
    };
    const point = (event) => {
      const m = svg.getScreenCTM();
      if (!m) return;
      const x = (event.clientX - m.e) / m.a, y = (event.clientY - m.f) / m.d;
      const slack = 150;
      const panel = panels.find(({ rect: [l, t, w, h] }) => x >= l - slack && x <= l + w + slack && y >= t && y <= t + h);
      if (panel) show(panel, nearest(panel, panel.down ? y : x), false); else hide();
    };
    if (!panels.length) continue;
    drawn.addEventListener("pointermove", point);
    drawn.addEventListener("pointerdown", point);
    drawn.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
    drawn.addEventListener("scroll", hide, { passive: true });
    drawn.addEventListener("blur", hide);
    document.addEventListener("pointerdown", (event) => { if (!drawn.contains(event.target)) hide(); });
    drawn.addEventListener("keydown", (event) => {
      const now = at ?? { panel: panels[0], index: -1 };
      const { down } = now.panel, last = now.panel.at.length - 1, turn = panels.indexOf(now.panel);
      const steps = {
        [down ? "ArrowDown" : "ArrowRight"]: now.index + 1, [down ? "ArrowUp" : "ArrowLeft"]: now.index - 1,
        PageDown: now.index + 12, PageUp: now.index - 12, Home: 0, End: last,
      };
      const to = steps[event.key];
      if (event.key === "Escape") return hide();
      // The other two arrows go to the next part of the chart.
      const other = { [down ? "ArrowRight" : "ArrowDown"]: 1, [down ? "ArrowLeft" : "ArrowUp"]: panels.length - 1 }[event.key];
      if (other && panels.length > 1) {
        const next = panels[(turn + other) % panels.length];
        event.preventDefault();
        return show(next, Math.max(0, Math.min(next.at.length - 1, now.index)), true);
      }
      if (to === undefined) return;
      event.preventDefault();
      show(now.panel, Math.max(0, Math.min(last, to)), true);
    });
  }
})();
