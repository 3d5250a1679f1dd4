// What ntmgis.show.web.sealed closes, opened in the browser.

import { fromBase64 } from "./decode.js";

const IV = 12;

/** Why this browser cannot open sealed data here; null when it can. */
export const cannotOpen = () => (globalThis.crypto?.subtle ? null : "noCrypto");

export async function deriveKey(password, { salt, rounds }) {
  const bytes = new TextEncoder().encode(password.normalize("NFC"));
  const base = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt: fromBase64(salt), iterations: rounds },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["decrypt"],
  );
}

/** The bytes of a block; rejects when the key is not the right one or a byte has changed. */
export async function open(key, name, bytes) {
  const additionalData = new TextEncoder().encode(name);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.subarray(0, IV), additionalData }, key, bytes.subarray(IV));
  return new Uint8Array(plain);
}
