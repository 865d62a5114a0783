// Opens reports in headless Chromium and fails when one of them does not do what it should.
//
//   node tests/browser/report.mjs [--shots DIR] REPORT.html…
//
// The first report is tried in full: hover, keyboard, touch, switches, themes, copying, contrast, names, print. All are opened
// at two widths, where nothing may be logged, loaded or wider than the window. CHROMIUM names the browser, and
// PLAYWRIGHT a folder with playwright-core in its node_modules.
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(path.resolve(process.env.PLAYWRIGHT ?? "."), "here.js"));
const { chromium } = require("playwright-core");

const args = process.argv.slice(2);
const shots = args[0] === "--shots" ? args.splice(0, 2)[1] : null;
if (!args.length) throw new Error("no reports given");
if (shots) fs.mkdirSync(shots, { recursive: true });

let checked = 0;
const problems = [];
let where = "";
const expect = (holds, what) => {
  checked += 1;
  if (!holds) {
    problems.push(`${where}: ${what}`);
    console.error(`FAILED ${where}: ${what}`);
  }
};

const home = fs.mkdtempSync(path.join(os.tmpdir(), "report-browser-"));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
let profiles = 0;
// A window with a new profile; whatever the page logs or asks for is a failure.
const open = async (file, options = {}) => {
  const context = await chromium.launchPersistentContext(path.join(home, `profile-${profiles++}`), {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true, args: flags, viewport: { width: 1280, height: 900 }, ...options,
  });
  const page = context.pages()[0] ?? await context.newPage();
  const address = (of) => pathToFileURL(path.resolve(of)).href;
  let url = address(file);
  const visit = async (of) => {
    url = address(of);
    await page.goto(url);
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
  };
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) expect(false, `the console says: ${m.text()}`); });
  page.on("pageerror", (e) => expect(false, `the script failed: ${e.message}`));
  page.on("request", (r) => { if (r.url().split("#")[0] !== url && !r.url().startsWith("data:")) expect(false, `it asked for ${r.url()}`); });
  await visit(file);
  return { context, page, visit };
};
const fits = async (page, width) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide <= 0, `at ${width} px it is ${wide} px wider than the window`);
};
const name = (file) => path.basename(path.dirname(path.resolve(file)));
const shot = async (page, label) => {
  if (shots) await page.screenshot({ path: path.join(shots, `${label}.png`), fullPage: true });
};

// Contrast of every visible text with what lies behind it, WCAG 2.2; texts of a chart lie on paper.
const contrasts = () => {
  const parse = (c) => { const n = c.match(/[\d.]+/g).map(Number); return { rgb: n.slice(0, 3), alpha: n[3] ?? 1 }; };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((x) => { const c = x / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.alpha === 1) return c.rgb;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || ["SCRIPT", "STYLE"].includes(element.tagName) || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const drawn = element.namespaceURI.endsWith("svg");
    const back = behind(drawn ? element.closest("figure") : element);
    const text = parse(drawn ? style.fill : style.color).rgb;
    const [a, b] = [light(text), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} "${element.textContent.trim().slice(0, 40)}" (${drawn ? "chart" : element.tagName})`);
  }
  return found;
};

// Names for those who do not see, and a sound outline.
const names = () => {
  const found = [];
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) found.push(`an id is used twice: ${ids.filter((id, k) => ids.indexOf(id) !== k)}`);
  for (const e of document.querySelectorAll("[aria-labelledby]")) {
    for (const id of e.getAttribute("aria-labelledby").split(" ")) {
      if (!document.getElementById(id)?.textContent.trim()) found.push(`${e.tagName} is named by ${id}, which says nothing`);
    }
  }
  for (const e of document.querySelectorAll("svg[role=img]")) {
    if (!e.hasAttribute("aria-labelledby")) found.push("a drawing has no name");
  }
  for (const e of document.querySelectorAll("body svg:not([role=img]):not([aria-hidden])")) found.push(`a drawing is neither named nor hidden: ${e.outerHTML.slice(0, 60)}`);
  for (const e of document.querySelectorAll("input")) if (!e.labels?.[0]?.textContent.trim()) found.push("a switch has no label");
  for (const e of document.querySelectorAll("button, a")) if (!e.textContent.trim()) found.push("a button or a link says nothing");
  for (const e of document.querySelectorAll("a[href]")) if (!/^(#|https?:)/.test(e.getAttribute("href"))) found.push(`a link leads to ${e.getAttribute("href")}`);
  for (const a of document.querySelectorAll("a[href^='#']")) if (!document.getElementById(a.hash.slice(1))) found.push(`${a.hash} leads nowhere`);
  let level = 0;
  for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
    const now = Number(h.tagName[1]);
    if (now > level + 1) found.push(`a heading of level ${now} follows one of level ${level}`);
    level = now;
  }
  for (const s of document.querySelectorAll("main section")) if (!s.querySelector("h2") || s.textContent.trim().length < 20) found.push(`section ${s.id} is empty`);
  return found;
};

const figures = async (page) => {
  const all = await page.$$("figure.chart");
  expect(all.length > 0, "it has no charts");
  let pointed = 0;
  for (const figure of all) {
    const id = await figure.getAttribute("id");
    const drawn = await figure.$(".drawn");
    const panels = await figure.evaluate((f) => JSON.parse(f.querySelector("script.hover")?.textContent ?? "[]"));
    if (!panels.length) continue;
    pointed += 1;
    await drawn.scrollIntoViewIfNeeded();
    // The pointer over the middle of every panel.
    for (const [k, panel] of panels.entries()) {
      // What comes into view is laid out first and may move once more, so that a pointer that missed points again.
      let tip = null;
      for (let tries = 0; tip === null && tries < 10; tries += 1) {
        if (tries > 0) await page.waitForTimeout(50);
        const at = await figure.evaluate((f, [x, y, w, h]) => {
          const svg = f.querySelector(".drawn > svg");
          svg.scrollIntoView({ block: "center" });
          const m = svg.getScreenCTM();
          return [m.a * (x + w / 2) + m.e, m.d * (y + h / 2) + m.f];
        }, panel.rect);
        await page.mouse.move(at[0] - 3, at[1]);
        await page.mouse.move(at[0], at[1]);
        tip = await figure.$(".tip");
      }
      expect(tip && (await tip.textContent()).length > 4, `${id}, panel ${k}: the pointer shows nothing`);
      if (tip) {
        const box = await tip.boundingBox();
        const wide = await page.evaluate(() => innerWidth);
        expect(box.x >= 0 && box.x + box.width <= wide, `${id}: what the pointer shows is cut off`);
      }
    }
    await page.mouse.move(2, 2);
    expect(!(await figure.$(".tip")), `${id}: what the pointer showed stays`);
    // The keyboard.
    await drawn.focus();
    const next = panels[0].down ? "ArrowDown" : "ArrowRight";
    await page.keyboard.press(next);
    const first = await figure.$eval(".spoken", (e) => e.textContent);
    await page.keyboard.press("End");
    const last = await figure.$eval(".spoken", (e) => e.textContent);
    expect(first.length > 4 && (panels[0].at.length < 2 || first !== last), `${id}: the keyboard reads nothing`);
    await page.keyboard.press("Escape");
    expect(!(await figure.$(".tip")), `${id}: Escape does not hide`);
    // Switches.
    for (const box of await figure.$$(".chip input")) {
      const label = await box.inputValue();
      const shown = () => figure.evaluate((f, label) => {
        const panels = JSON.parse(f.querySelector("script.hover").textContent);
        const keys = new Set(panels.flatMap((p) => p.series).filter((s) => s.label === label).map((s) => s.key));
        const parts = [...f.querySelectorAll("[data-series]")].filter((g) => keys.has(g.dataset.series));
        return [parts.length, parts.filter((g) => g.getClientRects().length).length];
      }, label);
      const [before] = [await shown()];
      expect(before[0] > 0 && before[1] > 0, `${id}: nothing is drawn for ${label}`);
      await box.focus();
      await page.keyboard.press("Space");
      expect((await shown())[1] === 0, `${id}: ${label} is not hidden`);
      await drawn.focus();
      await page.keyboard.press(next);
      const words = await figure.$$eval(".tip span > span", (all) => all.map((e) => e.textContent));
      expect(!words.includes(label), `${id}: ${label} is hidden and still told`);
      await page.keyboard.press("Escape");
      await box.focus();
      await page.keyboard.press("Space");
      expect((await shown())[1] === before[1], `${id}: ${label} does not come back`);
    }
  }
  expect(pointed > 0, "no chart shows values under the pointer");
};

const copying = async (page, context) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const details = await page.$("figure details.data");
  await (await details.$("summary")).click();
  const button = await details.$("button.copy");
  const size = await details.$$eval("tr", (rows) => [rows.length, rows[0].cells.length]);
  const read = () => page.evaluate(() => (window.clipboardBefore ?? navigator.clipboard).readText());
  const good = (text) => {
    const rows = text.replace(/\n$/, "").split("\n").map((r) => r.split("\t"));
    return rows.length === size[0] && rows.every((r) => r.length === size[1]);
  };
  await button.click();
  const text = await read();
  expect(good(text), `the table of ${size} is not copied: ${JSON.stringify(text.slice(0, 200))}`);
  expect((await button.textContent()) === "Copied", "the button does not say that it copied");
  // Without the new interface, as in an old browser.
  await page.evaluate(() => {
    window.clipboardBefore = navigator.clipboard;
    Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
    return window.clipboardBefore.writeText("nothing");
  });
  await button.click();
  expect(good(await read()), "the table is not copied in the old way");
  const command = await page.$("#record button.copy");
  await command.click();
  expect((await read()).startsWith("gapcast run "), "the command is not copied");
};

const full = async (file) => {
  where = `${name(file)}, in full`;
  const { context, page } = await open(file, { permissions: [] });
  await fits(page, 1280);
  for (const problem of await page.evaluate(names)) expect(false, problem);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement.className === "skip" && document.activeElement.getBoundingClientRect().left >= 0), "the first stop of the keyboard is not the skip link");
  await figures(page);
  await copying(page, context);
  await page.evaluate(() => { for (const d of document.querySelectorAll("details")) d.open = true; });
  for (const low of await page.evaluate(contrasts)) expect(false, `light: contrast ${low}`);
  await page.evaluate(() => { for (const d of document.querySelectorAll("details")) d.open = false; });
  await page.evaluate(() => scrollTo(0, 0));
  await shot(page, `${name(file)}-1280-light`);
  // The system's theme, then the reader's, which outlives a reload.
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const white = await paper();
  await page.emulateMedia({ colorScheme: "dark" });
  expect((await paper()) !== white, "the system's dark theme changes nothing");
  await page.evaluate(() => { for (const d of document.querySelectorAll("details")) d.open = true; });
  for (const low of await page.evaluate(contrasts)) expect(false, `dark: contrast ${low}`);
  await page.evaluate(() => { for (const d of document.querySelectorAll("details")) d.open = false; });
  await shot(page, `${name(file)}-1280-dark`);
  await page.click("button.theme");
  expect((await paper()) === white, "the button does not turn the page light");
  await page.emulateMedia({ colorScheme: "light" });
  await page.click("button.theme");
  expect((await paper()) !== white, "the button does not turn the page dark");
  await page.reload();
  expect((await paper()) !== white, "the reader's theme is forgotten");
  // Paper is white whatever the theme.
  await page.emulateMedia({ media: "print", reducedMotion: "reduce" });
  expect((await paper()) === white, "it prints dark");
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior === "auto"), "it moves although the reader wants none");
  await page.setViewportSize({ width: 695, height: 1017 });
  const tall = await page.$$eval("figure", (all) => all.map((f) => [f.id, f.getBoundingClientRect().height]).filter((f) => f[1] > 1000));
  expect(!tall.length, `a figure is taller than a page: ${tall}`);
  await page.emulateMedia({ media: null });
  for (const format of ["A4", "Letter"]) {
    const pdf = await page.pdf({ format, printBackground: true, preferCSSPageSize: false });
    const pages = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;
    expect(pages > 1, `${format}: ${pages} pages`);
    if (shots) fs.writeFileSync(path.join(shots, `${name(file)}-${format}.pdf`), pdf);
  }
  await context.close();
  // A phone, by touch.
  where = `${name(file)}, on a phone`;
  const phone = await open(file, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  await fits(phone.page, 390);
  const chart = phone.page.locator("figure.chart:has(script.hover) .drawn").first();
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  await phone.page.touchscreen.tap(box.x + 0.6 * box.width, box.y + 0.4 * box.height);
  expect(await phone.page.locator("figure .tip").count() === 1, "a touch shows nothing");
  await phone.page.evaluate(() => scrollTo(0, 0));
  await shot(phone.page, `${name(file)}-390-light`);
  await phone.page.emulateMedia({ colorScheme: "dark" });
  await shot(phone.page, `${name(file)}-390-dark`);
  await phone.context.close();
  // Without scripts it is a page to read, with nothing on it that does nothing.
  where = `${name(file)}, without scripts`;
  const plain = await open(file, { javaScriptEnabled: false });
  expect(await plain.page.locator("button:visible, input:visible").count() === 0, "there are buttons that do nothing");
  expect(await plain.page.locator("figure svg[role=img]:visible").count() > 0, "there are no charts");
  await plain.context.close();
};

try {
  await full(args[0]);
  const { context, page, visit } = await open(args[0]);
  for (const file of args) {
    where = name(file);
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await visit(file);
      await fits(page, width);
    }
    for (const problem of await page.evaluate(names)) expect(false, problem);
    expect(fs.statSync(file).size < 1_500_000, `it has ${fs.statSync(file).size} bytes`);
  }
  await context.close();
} finally {
  fs.rmSync(home, { recursive: true, force: true });
}
if (problems.length) {
  console.error(`${problems.length} of ${checked} failed`);
  process.exit(1);
}
console.log(`${args.length} reports, ${checked} checks hold`);
