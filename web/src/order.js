// Which of the things that can be switched on is drawn over which.

/** Everything that can be switched on, in the order it is drawn at first: background, lines, villages, points. */
export function drawingOrder(model) {
  const works = model.layers.filter((layer) => !layer.base);
  const lines = works.filter((layer) => !layer.hasKind(1));
  return [
    ...(model.relief ? ["relief"] : []),
    ...model.layers.filter((layer) => layer.base).map((layer) => layer.id),
    ...lines.map((layer) => layer.id),
    ...(model.scenes.length > 1 ? ["other-units"] : []),
    "villages",
    "addresses",
    ...works.filter((layer) => layer.hasKind(1)).map((layer) => layer.id),
  ];
}

/** Layers below the boundaries, whatever their place among themselves. */
export const isGround = (model, id) => id === "relief" || model.layers.some((layer) => layer.id === id && layer.base);
