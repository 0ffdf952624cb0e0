// Zooms the timeline. All else works without this script.

const strip = document.querySelector(".strip");
if (strip) {
  const reel = strip.querySelector(".reel");
  const ruler = reel.querySelector(".ruler");
  const seconds = Number(strip.dataset.seconds) || 0.001;
  // Wide enough for a second of an hour, and no wider than browsers lay out well.
  const WIDEST = 500_000;
  let zoom = 1;

  const label = (value) => {
    if (seconds >= 120) {
      const rounded = Math.round(value * 10) / 10;
      return `${Math.floor(rounded / 60)} min ${+(rounded % 60).toFixed(1)} s`;
    }
    return `${+value.toFixed(3)} s`;
  };

  const drawRuler = () => {
    const width = reel.clientWidth;
    const least = (seconds / width) * 90;
    const magnitude = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].find((factor) => factor * magnitude >= least) * magnitude;
    // Only around the visible part: an hour in seconds would be thousands of marks.
    const seen = (pixels) => (pixels / width) * seconds;
    const first = Math.max(0, Math.floor(seen(strip.scrollLeft - strip.clientWidth) / step));
    const last = Math.min(seconds, seen(strip.scrollLeft + 2 * strip.clientWidth));
    const marks = [];
    for (let number = first; number * step < last; number += 1) {
      const x = `${((number * step) / seconds) * 100}%`;
      marks.push(
        `<line x1="${x}" x2="${x}" y1="0" y2="18"/><text x="${x}" y="13" dx="3">${label(number * step)}</text>`,
      );
    }
    ruler.innerHTML = marks.join("");
  };

  /** Zooms. The point `at` pixels from the left edge stays where it is. */
  const setZoom = (next, at = strip.clientWidth / 2) => {
    const place = (strip.scrollLeft + at) / reel.clientWidth;
    zoom = Math.min(Math.max(next, 1), WIDEST / strip.clientWidth);
    reel.style.width = `${zoom * 100}%`;
    strip.scrollLeft = place * reel.clientWidth - at;
    drawRuler();
  };

  const actions = { in: () => setZoom(zoom * 2), out: () => setZoom(zoom / 2), all: () => setZoom(1) };
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.hidden = false;
    button.addEventListener("click", actions[button.dataset.zoom]);
  }
  strip.addEventListener("keydown", ({ key }) => {
    const action = { "+": "in", "=": "in", "-": "out", 0: "all" }[key];
    if (action) actions[action]();
  });
  strip.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      setZoom(zoom * 2 ** (-event.deltaY / 200), event.clientX - strip.getBoundingClientRect().left);
    },
    { passive: false },
  );
  let due = false;
  const redraw = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      drawRuler();
    });
  };
  strip.addEventListener("scroll", redraw);
  addEventListener("resize", redraw);

  const began = Number(document.body.dataset.startedAt);
  for (const button of document.querySelectorAll("button.show")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const from = (Number(button.dataset.from) - began) / 1000;
      const length = Math.max(Number(button.dataset.seconds), seconds / 2000);
      setZoom(seconds / (length * 3));
      strip.scrollLeft = ((from - length) / seconds) * reel.clientWidth;
      strip.scrollIntoView({ block: "center" });
      strip.focus();
    });
  }
  drawRuler();
}

/** A link to a step opens the test that it is in. */
const openTarget = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const test = target?.closest("details");
  if (test && !test.open) {
    test.open = true;
    target.scrollIntoView();
  }
};
addEventListener("hashchange", openTarget);
openTarget();

// On paper, everything is unfolded.
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details.test, .step > details")) part.open = true;
});
