import { createHash } from "node:crypto";
import type { Figure } from "./figure.js";
import { xmlText } from "./xml-text.js";

const version = "4.1.1";

/** The plotly.js that a notebook's figure loads: the installed version, checked by its hash when it arrives. */
export const plotlyScript = {
  version,
  url: `https://cdn.jsdelivr.net/npm/plotly.js-dist-min@${version}/plotly.min.js`,
  integrity: "sha384-AFNp2MtSm5/oZbEs/J19F/Ah57MEiVsoed8nE3fq2Wnccdl1u/EkyJ9XKKU8rt7+",
};

/**
 * A figure as a piece of HTML: its picture, replaced by the interactive plot as soon as plotly.js has come
 * from the network. Without network, or where scripts are not allowed, the picture stays.
 * @param png the picture, `layout.width` by `layout.height` on the page.
 * @param alternative text for readers who do not see it.
 */
export function figureHtml(figure: Figure, png: Buffer, alternative: string): string {
  const json = JSON.stringify(figure).replace(/</g, "\\u003c");
  const id = createHash("sha256").update(json).digest("hex").slice(0, 16);
  const { width, height } = figure.layout;
  return `<div data-figure="${id}"><img alt="${escapeHtml(alternative)}" width="${width}" height="${height}" src="data:image/png;base64,${png.toString("base64")}"></div>
<script>
(() => {
  const { url, version, integrity } = ${JSON.stringify(plotlyScript)};
  const figure = ${json};
  window.varJepaPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly?.version === version) return resolve(window.Plotly);
    const script = document.createElement("script");
    Object.assign(script, { src: url, integrity, crossOrigin: "anonymous", onerror: reject });
    script.onload = () => resolve(window.Plotly);
    document.head.append(script);
  });
  const draw = async (place, plotly) => {
    place.dataset.drawn = "";
    const plot = place.appendChild(document.createElement("div"));
    const { data, layout } = structuredClone(figure);
    await plotly.newPlot(plot, data, layout, { displaylogo: false });
    place.querySelector("img").remove();
  };
  window.varJepaPlotly
    .then((plotly) => {
      const places = document.querySelectorAll('[data-figure="${id}"]:not([data-drawn])');
      return Promise.all(Array.from(places, (place) => draw(place, plotly)));
    })
    .catch((reason) => console.warn("the picture stays, plotly.js could not draw it:", reason));
})();
</script>`;
}

/** Text as HTML content or attribute value. */
export function escapeHtml(text: string): string {
  return xmlText(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
