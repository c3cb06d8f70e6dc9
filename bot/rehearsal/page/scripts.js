// Marks Tibetan inside a text, so stacked letters get room and the reader's software the right voice.

const TIBETAN = /[\u0F00-\u0FFF](?:[\u0F00-\u0FFF\s\u200B]*[\u0F00-\u0FFF])?/g;
const LINE_MARKS = /([\u0F0B\u0F0D-\u0F12]+)/; // tsheg and shad: where a Tibetan line may end

/** Append `text` to `parent` as text nodes; Tibetan runs in spans of their own. */
export function appendText(parent, text) {
  let at = 0;
  for (const run of text.matchAll(TIBETAN)) {
    if (run.index > at) parent.append(text.slice(at, run.index));
    parent.append(tibetan(run[0]));
    at = run.index + run[0].length;
  }
  if (at < text.length) parent.append(text.slice(at));
}

function tibetan(run) {
  const span = document.createElement("span");
  span.lang = "bo";
  const pieces = run.split(LINE_MARKS);
  pieces.forEach((piece, index) => {
    if (piece === "") return;
    span.append(piece);
    // Not every browser breaks after a tsheg by itself.
    if (index % 2 === 1 && index < pieces.length - 1 && pieces[index + 1] !== "") span.append(document.createElement("wbr"));
  });
  return span;
}
