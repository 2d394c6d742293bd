// What changed between two events: by key, and inside a text by piece.
"use strict";

const difference = (() => {
  // An event as a list of [path, text], objects opened, in order of appearance.
  function rows(value, path = "") {
    if (value !== null && typeof value === "object" && Object.keys(value).length) {
      return Object.entries(value).flatMap(([key, inner]) => rows(inner, path ? path + "." + key : key));
    }
    return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  }

  function read(body) {
    try {
      const event = JSON.parse(body);
      if (event !== null && typeof event === "object") return rows(event);
    } catch (_) {}
    return [["body", body]];
  }

  // Longest common subsequence of pieces; beyond a size only what is alike at both ends.
  function pieces(left, right) {
    const split = (text) => text.match(/[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu) || [];
    const a = split(left);
    const b = split(right);
    let start = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start++;
    let end = 0;
    while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    const x = a.slice(start, a.length - end);
    const y = b.slice(start, b.length - end);
    const keepX = new Array(x.length).fill(false);
    const keepY = new Array(y.length).fill(false);
    if (x.length * y.length <= 90000) {
      const best = Array.from({ length: x.length + 1 }, () => new Uint16Array(y.length + 1));
      for (let i = x.length - 1; i >= 0; i--) {
        for (let j = y.length - 1; j >= 0; j--) {
          best[i][j] = x[i] === y[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
        }
      }
      for (let i = 0, j = 0; i < x.length && j < y.length; ) {
        if (x[i] === y[j]) {
          keepX[i++] = true;
          keepY[j++] = true;
        } else if (best[i + 1][j] >= best[i][j + 1]) i++;
        else j++;
      }
    }
    return [runs(a, start, end, keepX), runs(b, start, end, keepY)];
  }

  // Neighbouring pieces of one kind together; a lone separator between two changes counts as changed.
  function runs(all, start, end, keep) {
    const same = all.map((_, i) => i < start || i >= all.length - end || keep[i - start]);
    same.forEach((kept, i) => {
      if (kept && i > 0 && i < all.length - 1 && !same[i - 1] && !same[i + 1] && !/[&?=/]/.test(all[i])) same[i] = false;
    });
    const result = [];
    all.forEach((text, i) => {
      const last = result[result.length - 1];
      if (last && last.same === same[i]) last.text += text;
      else result.push({ text, same: same[i] });
    });
    return result;
  }

  // Both sides row by row: { key, left, right }, where a side is null or a list of { text, same }.
  function compare(sent, received) {
    const after = new Map(received);
    const result = sent.map(([key, text]) => {
      if (!after.has(key)) return { key, left: [{ text, same: false }], right: null };
      const other = after.get(key);
      after.delete(key);
      if (other === text) return { key, left: [{ text, same: true }], right: [{ text, same: true }] };
      const [left, right] = pieces(text, other);
      return { key, left, right };
    });
    after.forEach((text, key) => result.push({ key, left: null, right: [{ text, same: false }] }));
    return result;
  }

  return { read, compare };
})();
