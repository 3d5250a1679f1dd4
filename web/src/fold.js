// Vietnamese text without case, diacritics and apostrophes, for search only (never to join data).

const KINDS = ["thi tran", "thanh pho", "to dan pho", "dac khu", "xa", "phuong", "huyen", "tinh", "thon", "lang", "tt", "tp"];

export function fold(text) {
  return String(text)
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[đĐðÐƉ]/g, "d")
    .toLowerCase()
    .replace(/['’`´ʼ]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Folded, and without the word for the kind of unit in front. */
export function foldName(text) {
  const folded = fold(text);
  for (const kind of KINDS) if (folded.startsWith(`${kind} `)) return folded.slice(kind.length + 1);
  return folded;
}
