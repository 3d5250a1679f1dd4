// The shaded terrain as a picture cut to the province, with the grid steps it covers.

import { bandOf } from "./geometry.js";
import { latLngToGrid } from "./pick.js";

/** Resolves to null where the page has no terrain. */
export async function loadRelief(model) {
  const { relief, facts } = model;
  if (!relief) return null;
  const picture = new Image();
  picture.src = `data:image/png;base64,${relief.png}`;
  try {
    await picture.decode();
  } catch {
    return null; // a picture that cannot be read is no terrain, not an error of the page
  }
  const [west, south, east, north] = relief.bounds;
  const [left, top] = latLngToGrid(facts.page, north, west);
  const [right, bottom] = latLngToGrid(facts.page, south, east);
  const image = document.createElement("canvas");
  image.width = picture.naturalWidth * 2;
  image.height = picture.naturalHeight * 2;
  const context = image.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, image.width, image.height);
  context.globalCompositeOperation = "destination-in";
  const province = new Path2D();
  for (const path of model.scenes[0].coverage.level(bandOf(10)).polygons) province.addPath(path);
  const scale = new DOMMatrix([image.width / (right - left), 0, 0, image.height / (bottom - top), 0, 0]).translate(-left, -top);
  const scaled = new Path2D();
  scaled.addPath(province, scale);
  context.fill(scaled, "nonzero");
  return { image, box: { west: left, north: top, east: right, south: bottom } };
}
