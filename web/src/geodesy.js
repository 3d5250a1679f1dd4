// Lengths and areas on the WGS 84 ellipsoid, so that numbers do not depend on the map's projection or zoom.

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const RAD = Math.PI / 180;

/** Metres between two places ({lat, lng} in degrees): Vincenty's inverse formula, good to less than a millimetre here. */
export function distance(from, to) {
  const across = (to.lng - from.lng) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(from.lat * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(to.lat * RAD));
  const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = across;
  let [sinSigma, cosSigma, sigma, cosSqAlpha, cosMiddle] = [0, 1, 0, 1, 0];
  for (let round = 0; round < 50; round++) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    sinSigma = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
    if (sinSigma === 0) return 0;
    cosSigma = sin1 * sin2 + cos1 * cos2 * cosL;
    sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cos1 * cos2 * sinL) / sinSigma;
    cosSqAlpha = 1 - sinAlpha ** 2;
    cosMiddle = cosSqAlpha === 0 ? 0 : cosSigma - (2 * sin1 * sin2) / cosSqAlpha;
    const c = (F / 16) * cosSqAlpha * (4 + F * (4 - 3 * cosSqAlpha));
    const before = lambda;
    lambda = across + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cosMiddle + c * cosSigma * (2 * cosMiddle ** 2 - 1)));
    if (Math.abs(lambda - before) < 1e-12) break;
  }
  const uSq = (cosSqAlpha * (A ** 2 - B ** 2)) / B ** 2;
  const a = 1 + (uSq / 16384) * (4096 + uSq * (-768 + uSq * (320 - 175 * uSq)));
  const b = (uSq / 1024) * (256 + uSq * (-128 + uSq * (74 - 47 * uSq)));
  const delta =
    b * sinSigma * (cosMiddle + (b / 4) * (cosSigma * (2 * cosMiddle ** 2 - 1) - (b / 6) * cosMiddle * (4 * sinSigma ** 2 - 3) * (4 * cosMiddle ** 2 - 3)));
  return B * a * (sigma - delta);
}

const e = Math.sqrt(E2);
const q = (sine) => (1 - E2) * (sine / (1 - E2 * sine * sine) - Math.log((1 - e * sine) / (1 + e * sine)) / (2 * e));
const Q_POLE = q(1);
const AUTHALIC = A * Math.sqrt(Q_POLE / 2);

/** Latitude on the sphere whose surface is that of the ellipsoid. */
const authalic = (lat) => Math.asin(Math.max(-1, Math.min(1, q(Math.sin(lat * RAD)) / Q_POLE)));

/** Square metres inside a ring of places: the spherical excess on the authalic sphere (error below 1e-4 up to 200 km). */
export function area(ring) {
  if (ring.length < 3) return 0;
  let excess = 0;
  ring.forEach((from, index) => {
    const to = ring[(index + 1) % ring.length];
    const [t1, t2] = [Math.tan(authalic(from.lat) / 2), Math.tan(authalic(to.lat) / 2)];
    excess += 2 * Math.atan2(Math.tan(((to.lng - from.lng) * RAD) / 2) * (t1 + t2), 1 + t1 * t2);
  });
  return Math.abs(excess) * AUTHALIC ** 2;
}

export const pathLength = (points) => points.slice(1).reduce((sum, point, index) => sum + distance(points[index], point), 0);
