// Points as ntmgis.show.web.points writes them, back into arrays. Runs in the worker, or in the page where workers are refused.

export function fromBase64(text) {
  if (typeof Uint8Array.fromBase64 === "function") return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export async function inflate(bytes) {
  const { readable, writable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  for (const step of [writer.write(bytes), writer.close()]) step.catch(() => {}); // the reader is told of it too
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/** Every second bit of a number below 2**28, pushed together. */
function compact(bits) {
  let v = bits & 0x5555555;
  v = (v | (v >>> 1)) & 0x33333333;
  v = (v | (v >>> 2)) & 0x0f0f0f0f;
  v = (v | (v >>> 4)) & 0x00ff00ff;
  return (v | (v >>> 8)) & 0xffff;
}

const HALF = 28; // bits of the lower part of a code: 14 of x and 14 of y
const HALF_SIZE = 2 ** HALF;
/** The index cuts the square of the points into cells with some eight of them, 256 x 256 at most. */
const levelsFor = (count) => Math.max(2, Math.min(8, Math.ceil(Math.log2(count / 8 + 1) / 2)));

/**
 * x, y        steps of the 2**26 grid
 * combo       index of the attribute combination
 * village     index of the village
 * suffixes    last five digits, in the order of the points that have them
 * unusual     other addresses, in the order of the points that have them
 * starts      first point of each cell of the index, along the Morton curve; cells are 2**shift steps wide
 */
export function decodePoints(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (bytes.length < 32 || String.fromCharCode(...bytes.subarray(0, 4)) !== "NTMP") throw new Error("not a block of points");
  const [count, x0, y0, first, suffixCount] = [4, 8, 12, 16, 20].map((at) => view.getUint32(at, true));
  const [codeWidth, comboWidth, villageWidth] = bytes.subarray(24, 27);
  const unusualLength = view.getUint32(28, true);
  let at = 32;
  const planes = (width) => Array.from({ length: width }, () => bytes.subarray(at, (at += count)));

  const codes = planes(codeWidth);
  const x = new Int32Array(count);
  const y = new Int32Array(count);
  const { size } = codesToSteps(codes, count, x0, y0, x, y);
  const combo = column(planes(comboWidth), count);
  const village = column(planes(villageWidth), count);
  const low = bytes.subarray(at, (at += suffixCount));
  const high = bytes.subarray(at, (at += suffixCount));
  const tops = bytes.subarray(at, (at += (suffixCount + 7) >> 3));
  const suffixes = new Uint32Array(suffixCount);
  for (let i = 0; i < suffixCount; i++) suffixes[i] = low[i] | (high[i] << 8) | (((tops[i >> 3] >> (i & 7)) & 1) << 16);
  const unusual = JSON.parse(new TextDecoder().decode(bytes.subarray(at, at + unusualLength)));

  const levels = levelsFor(count);
  const shift = Math.max(0, Math.max(1, Math.ceil(Math.log2(size + 1))) - levels);
  const side = (size >> shift) + 1;
  return { count, x, y, x0, y0, first, combo, village, suffixes, unusual, shift, side, starts: index(x, y, x0, y0, shift, levels) };
}

/** Sums the differences of the codes and takes each code apart; the width of the square comes back. */
function codesToSteps(planes, count, x0, y0, x, y) {
  const none = new Uint8Array(count);
  const [p0, p1, p2, p3, p4, p5, p6] = Array.from({ length: 7 }, (_, i) => planes[i] ?? none);
  let low = 0;
  let high = 0;
  let highX = 0;
  let highY = 0;
  let size = 0;
  for (let i = 0; i < count; i++) {
    low += p0[i] + (p1[i] << 8) + (p2[i] << 16) + ((p3[i] & 15) << 24);
    let more = (p3[i] >> 4) + (p4[i] << 4) + (p5[i] << 12) + (p6[i] << 20);
    if (low >= HALF_SIZE) {
      low -= HALF_SIZE;
      more += 1;
    }
    if (more > 0) {
      high += more;
      highX = compact(high) << 14;
      highY = compact(high >>> 1) << 14;
    }
    const dx = highX | compact(low);
    const dy = highY | compact(low >>> 1);
    if (dx > size) size = dx;
    if (dy > size) size = dy;
    x[i] = x0 + dx;
    y[i] = y0 + dy;
  }
  return { size };
}

function column(planes, count) {
  if (planes.length === 1) return planes[0].slice();
  const made = planes.length === 2 ? new Uint16Array(count) : new Uint32Array(count);
  planes.forEach((plane, place) => {
    const factor = 2 ** (8 * place);
    for (let i = 0; i < count; i++) made[i] += plane[i] * factor;
  });
  return made;
}

function index(x, y, x0, y0, shift, levels) {
  const count = x.length;
  const starts = new Uint32Array(4 ** levels + 1);
  let filled = 0;
  for (let i = 0; i < count; i++) {
    const key = spread((x[i] - x0) >> shift) | (spread((y[i] - y0) >> shift) << 1);
    while (filled <= key) starts[filled++] = i;
  }
  while (filled < starts.length) starts[filled++] = count;
  return starts;
}

const SPREAD = Uint32Array.from({ length: 256 }, (_, n) => {
  let made = 0;
  for (let bit = 0; bit < 8; bit++) made |= ((n >> bit) & 1) << (2 * bit);
  return made;
});
/** The bits of a number below 256, with a gap after each. */
export const spread = (n) => SPREAD[n];

/** The buffers of decoded points, for handing them over without a copy. */
export const buffersOf = (points) => [...new Set(Object.values(points).filter(ArrayBuffer.isView).map((one) => one.buffer))];
