// Talks to the rehearsal server: requests that answer kindly, and a stream of events that comes back by itself.

const ROOT = "/rehearsal";
const FIRST_WAIT = 600; // ms
const LONGEST_WAIT = 8_000; // ms

/** A refusal to show to a person: `pair` is {zh, en}, or null when the server did not answer. */
export class Refusal extends Error {
  constructor(pair, reached) {
    super(pair?.en ?? "refused");
    this.pair = pair;
    this.reached = reached;
  }
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(ROOT + path, options);
  } catch {
    throw new Refusal(null, false);
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok || body?.ok === false) throw new Refusal(body?.error ?? null, true);
  return body;
}

function post(path, body) {
  if (body instanceof FormData) return ask(path, { method: "POST", body });
  return ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

const state = () => ask("/state", { cache: "no-store" });
export const clock = (change) => post("/clock", change);
export const misbehave = (fault) => post("/misbehave", fault);

/** What a person does on one phone; `as` is the acting member of a group, else null. */
export function handsOn(phoneId, as = () => null) {
  const act = (action, body) => {
    const member = as();
    return post(`/phones/${encodeURIComponent(phoneId)}/${action}`, member === null ? body : { ...body, as: member });
  };
  return {
    text: (text, replyTo) => act("text", replyTo ? { text, reply_to: replyTo } : { text }),
    press: (messageId, row, column) => act("press", { message_id: messageId, row, column }),
    vote: (messageId, options) => act("vote", { message_id: messageId, options }),
    start: (payload) => act("start", { payload }),
    block: (blocked) => act("block", { blocked }),
    file(file, caption) {
      const form = new FormData();
      const member = as();
      if (member !== null) form.append("as", String(member));
      if (caption) form.append("caption", caption);
      form.append("file", file, file.name);
      return post(`/phones/${encodeURIComponent(phoneId)}/file`, form);
    },
  };
}

/**
 * Follow the events for ever. On each connection the whole state is read first; what
 * happens meanwhile is held back and then told, so nothing falls between the two.
 */
export function follow({ onState, onEvent, onLost }) {
  let wait = FIRST_WAIT;

  function connect() {
    const stream = new EventSource(`${ROOT}/events`);
    let held = [];
    let over = false;

    stream.onopen = async () => {
      try {
        const all = await state();
        if (over) return;
        onState(all);
        for (const event of held) onEvent(event);
        held = null;
        wait = FIRST_WAIT;
      } catch (trouble) {
        if (!(trouble instanceof Refusal)) console.error(trouble);
        again();
      }
    };
    stream.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (held === null) onEvent(event);
      else held.push(event);
    };
    stream.onerror = again;

    function again() {
      if (over) return; // the stream and the state may both report the same loss
      over = true;
      stream.close();
      onLost();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  connect();
}
