/** What this page uses of plotly.js. */
interface Plotly {
  newPlot(place: HTMLElement, data: unknown, layout: unknown, config: object): Promise<unknown>;
}

/** Milliseconds that a mouse rests on a picture before it becomes interactive. */
const rest = 400;

/** The buttons of a plot: none that would hand it to another server. */
const config = { displaylogo: false, modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]] };

let plotly: Promise<Plotly> | undefined;

/** Lets pictures become interactive plots: at their buttons, or when a mouse rests on them. */
export function enliven(): void {
  for (const frame of document.querySelectorAll<HTMLElement>("[data-plot]")) {
    const button = frame.parentElement!.querySelector("button")!;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const start = async (focus: boolean) => {
      clearTimeout(waiting);
      if (button.disabled) return;
      button.disabled = true;
      try {
        await draw(frame);
        button.remove();
        if (focus) frame.focus({ preventScroll: true });
      } catch (error) {
        button.disabled = false;
        console.warn("the picture stays, the plot could not be drawn:", error);
        button.textContent = "The plot could not be loaded; try again";
      }
    };
    button.addEventListener("click", () => void start(true));
    frame.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType === "mouse") waiting = setTimeout(() => void start(false), rest);
    });
    frame.addEventListener("pointerleave", () => clearTimeout(waiting));
  }
}

async function draw(frame: HTMLElement): Promise<void> {
  const [library, response] = await Promise.all([loadPlotly(), fetch(frame.dataset.plot!)]);
  if (!response.ok) throw new Error(`${frame.dataset.plot} answered ${response.status}`);
  const { data, layout } = await response.json();
  const picture = frame.querySelector("img")!;
  const plot = document.createElement("div");
  plot.className = "plot";
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", picture.alt);
  frame.append(plot);
  picture.hidden = true;
  try {
    await library.newPlot(plot, data, layout, config);
  } catch (error) {
    plot.remove();
    picture.hidden = false;
    throw error;
  }
  picture.remove();
  frame.tabIndex = -1;
}

function loadPlotly(): Promise<Plotly> {
  plotly ??= new Promise<Plotly>((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "assets/plotly.js";
    script.onload = () => resolve((window as unknown as { Plotly: Plotly }).Plotly);
    script.onerror = () => {
      plotly = undefined;
      script.remove();
      reject(new Error("assets/plotly.js did not load"));
    };
    document.head.append(script);
  });
  return plotly;
}
