/** An upright rectangle in pixels, y downwards. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
