/** Canvases that are sharp on every screen, in the colours of the page's theme. */

/** The colours that the style sheet gives to the classes `ink-…`. */
export type Palette = (name: string) => string;

/** Reads colours from the style sheet, each once; made anew when the theme changes. */
export function readPalette(): Palette {
  const known = new Map<string, string>();
  return (name) => {
    let colour = known.get(name);
    if (colour === undefined) {
      const probe = document.createElement("span");
      probe.className = `ink-${name}`;
      document.body.append(probe);
      colour = getComputedStyle(probe).color;
      probe.remove();
      known.set(name, colour);
    }
    return colour;
  };
}

/** What is drawn on: the size is that on the page. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

/** An empty canvas as large as it stands on the page. */
export function cleared(canvas: HTMLCanvasElement): Surface {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d")!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
