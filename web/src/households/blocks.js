// The page's blocks of data: script elements that the browser does not run.

import { byId } from "../dom.js";

/** A block's text. Its element goes, so that the page does not keep the text twice. */
export function take(id) {
  const element = byId(`ntmgis-${id}`);
  const { textContent } = element;
  element.remove();
  return textContent;
}
