import type { Layer } from "../scope.js";

/** What comes in, plus what `inner` makes of it (He et al. 2016). */
export function residual(inner: Layer): Layer {
  return (outer, x) => {
    const scope = outer.enter("residual");
    const y = inner(scope, x);
    if (y.rows !== x.rows || y.columns !== x.columns) {
      scope.refuse(`what is added must be [${x.rows}, ${x.columns}], got [${y.rows}, ${y.columns}]`);
    }
    return scope.map(["add", "x", "y"], { x, y });
  };
}
