import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { DOMWindow } from "jsdom";
import { type Canvas2d, canvas2d } from "./canvas.js";
import type { Figure } from "./figure.js";
import { ownBox, pageBox } from "./svg-geometry.js";
import { pathLength, pointAlong } from "./svg-path.js";

/** The calls of plotly.js that drawing without a browser needs. */
interface Plotly {
  newPlot(place: Element, data: object, layout: object, config: object): Promise<unknown>;
  purge(place: Element): void;
  Snapshot: { toSVG(place: Element, format: "svg"): string };
}

/** A window without a browser in which plotly runs. */
export interface PlotlyWindow {
  /** Draws plain data as an SVG text; `seed` (an integer ≥ 0) decides the ids that plotly gives elements. */
  draw(figure: Figure, seed: number): Promise<string>;
}

let opened: Promise<PlotlyWindow> | undefined;

/** The process's plotly window, opened at the first call (about a second). */
export function plotlyWindow(): Promise<PlotlyWindow> {
  opened ??= open();
  return opened;
}

async function open(): Promise<PlotlyWindow> {
  const { JSDOM, VirtualConsole } = await import("jsdom");
  const window = new JSDOM("<!doctype html><html><body></body></html>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole().sendTo(console, { omitJSDOMErrors: true }),
  }).window;
  window.TextDecoder = TextDecoder;
  addGeometry(window);
  addCanvas(window);
  addImages(window);
  window.eval(readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist-min"), "utf8"));
  const plotly = window.Plotly as Plotly;
  const ownCopy = (plain: object) => window.JSON.parse(JSON.stringify(plain)) as object;
  return {
    async draw({ data, layout }, seed) {
      window.Math.random = minimalStandard(seed);
      const place = window.document.body.appendChild(window.document.createElement("div"));
      try {
        await plotly.newPlot(place, ownCopy(data), ownCopy(layout), { staticPlot: true });
        return plotly.Snapshot.toSVG(place, "svg");
      } finally {
        plotly.purge(place);
        place.remove();
      }
    },
  };
}

/** Park and Miller's "minimal standard" generator (1988): enough for ids, not used for anything else. */
function minimalStandard(seed: number): () => number {
  const modulus = 2 ** 31 - 1;
  let state = (seed % (modulus - 1)) + 1;
  return () => {
    state = (state * 48271) % modulus;
    return state / modulus;
  };
}

function addGeometry(window: DOMWindow): void {
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: SVGElement) {
      return ownBox(this);
    },
    getBoundingClientRect(this: SVGElement) {
      const box = pageBox(this);
      const edges = { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height };
      return { ...box, ...edges };
    },
    getComputedTextLength(this: SVGElement) {
      return ownBox(this).width;
    },
    getTotalLength(this: SVGElement) {
      return pathLength(this.getAttribute("d") ?? "");
    },
    getPointAtLength(this: SVGElement, distance: number) {
      return pointAlong(this.getAttribute("d") ?? "", distance);
    },
  });
}

function addCanvas(window: DOMWindow): void {
  const contexts = new WeakMap<object, Canvas2d>();
  Object.assign(window.HTMLCanvasElement.prototype, {
    getContext(this: HTMLCanvasElement, kind: string) {
      if (kind !== "2d") return null;
      const context = contexts.get(this) ?? canvas2d(this.width, this.height);
      contexts.set(this, context);
      return context;
    },
    toDataURL(this: HTMLCanvasElement) {
      return (contexts.get(this) ?? canvas2d(this.width, this.height)).toDataUrl();
    },
  });
}

/** Images count as loaded at once: plotly waits for them, then puts their address into the picture. */
function addImages(window: DOMWindow): void {
  window.HTMLImageElement.prototype.setAttribute = function (name: string, value: string) {
    window.Element.prototype.setAttribute.call(this, name, value);
    if (name === "src") queueMicrotask(() => this.onload?.(new window.Event("load")));
  };
}
