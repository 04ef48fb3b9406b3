import { createRequire } from "node:module";
import path from "node:path";
import { type RenderedImage, Resvg } from "@resvg/resvg-js";
import { xmlText } from "./xml-text.js";

/** The font of every figure; its files come with the package `dejavu-fonts-ttf`. */
export const fontFamily = "DejaVu Sans";

/** What decides a text's width beside its characters; `size` in pixels. */
export interface TextStyle {
  size: number;
  bold: boolean;
  italic: boolean;
}

/** Height of a line above and below its baseline, in units of the font size (the font's own metrics). */
export const fontExtent = { ascent: 0.928, descent: 0.236 };

const fontsFolder = path.join(
  path.dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")),
  "ttf",
);
const fontFiles = ["", "-Bold", "-Oblique", "-BoldOblique"].map((face) =>
  path.join(fontsFolder, `DejaVuSans${face}.ttf`),
);
const knownWidths = new Map<string, number>();

/** Width of one line of text in pixels, its outer spaces included, as the PNG renderer will draw it. */
export function textWidth(text: string, style: TextStyle): number {
  if (text === "") return 0;
  return inkWidth(`|${text}|`, style) - inkWidth("||", style);
}

/** Draws an SVG on white, `scale` times its size, with the project's own fonts only. */
export function drawSvg(svg: string, scale: number): RenderedImage {
  return openSvg(svg, scale).render();
}

function openSvg(svg: string, scale: number): Resvg {
  return new Resvg(svg, {
    font: { fontFiles, loadSystemFonts: false, defaultFontFamily: fontFamily, sansSerifFamily: fontFamily },
    fitTo: { mode: "zoom", value: scale },
    background: "white",
  });
}

function inkWidth(text: string, style: TextStyle): number {
  const key = `${style.size}|${style.bold}|${style.italic}|${text}`;
  const known = knownWidths.get(key);
  if (known !== undefined) return known;
  const width = openSvg(textSvg(text, style), 1).getBBox()?.width ?? 0;
  knownWidths.set(key, width);
  return width;
}

function textSvg(text: string, { size, bold, italic }: TextStyle): string {
  const escaped = xmlText(text).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  const face = `${bold ? ' font-weight="bold"' : ""}${italic ? ' font-style="italic"' : ""}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="9999" height="999"><text x="99" y="500" font-family="${fontFamily}" font-size="${size}"${face} xml:space="preserve">${escaped}</text></svg>`;
}
