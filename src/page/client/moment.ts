/** A slider over the time of a recorded run, and a button that plays it. */
import { clock } from "../../report/failure-words.js";
import { html } from "../../report/html.js";
import { addSection, part, say } from "./dom.js";

/** Seconds in which a whole run is played, and positions of the slider. */
const [PLAY, PLACES] = [20, 1000];

export class Moment {
  readonly #changed: () => void;
  readonly #slider: HTMLInputElement;
  readonly #button: HTMLElement;
  readonly #text: HTMLElement;
  #seconds = 0;
  #frame = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
    const node =
      addSection(html`<div class="moment" role="group" aria-label="Replay"><button type="button" data-part="play">Play</button>
<label>Moment <input type="range" data-part="slider" min="0" max="${PLACES}" value="${PLACES}"></label><output data-part="text"></output></div>`);
    this.#slider = part(node, "slider");
    this.#button = part(node, "play");
    this.#text = part(node, "text");
    this.#slider.addEventListener("input", () => this.#moved());
    this.#button.addEventListener("click", () => (this.#frame === 0 ? this.#play() : this.#stop()));
  }

  /** The length of the run. */
  set seconds(seconds: number) {
    this.#seconds = seconds;
    this.#tell();
  }

  /** Seconds: what came later is not shown. */
  get until(): number {
    const place = this.#slider.valueAsNumber;
    return place >= PLACES ? Number.POSITIVE_INFINITY : (place / PLACES) * this.#seconds;
  }

  #moved(): void {
    this.#tell();
    this.#changed();
  }

  #tell(): void {
    const text = clock(Math.min(this.until, this.#seconds));
    say(this.#text, text);
    this.#slider.setAttribute("aria-valuetext", text);
  }

  #play(): void {
    say(this.#button, "Pause");
    if (this.#slider.valueAsNumber >= PLACES) this.#slider.value = "0";
    let before = performance.now();
    let place = this.#slider.valueAsNumber;
    const next = (now: number): void => {
      place += ((now - before) / 1000 / PLAY) * PLACES;
      before = now;
      this.#slider.value = String(place);
      this.#moved();
      this.#frame = place >= PLACES ? 0 : requestAnimationFrame(next);
      if (this.#frame === 0) this.#stop();
    };
    this.#frame = requestAnimationFrame(next);
  }

  #stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    say(this.#button, "Play");
  }
}
