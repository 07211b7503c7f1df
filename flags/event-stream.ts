/** One event of a stream of server-sent events (WHATWG HTML, "Server-sent events"). */
export interface StreamEvent {
  /** `message` when the stream names none. */
  readonly name: string;
  readonly data: string;
}

/** A flag document has 4 KB, and JSON at most doubles it: what is longer is no relay. */
const MOST_CHARACTERS = 64 * 1024;

const LINE_END = /\r\n|\n|\r/g;

/** Finds the events in the pieces of a stream. Ids and retry times are left out: a reader needs neither. */
export class EventStream {
  #rest = '';
  #name = '';
  #data: string[] = [];
  #size = 0;

  /** @throws Error when an event is longer than any flag document. */
  feed(piece: string): readonly StreamEvent[] {
    const text = this.#rest + piece;
    const events: StreamEvent[] = [];
    let from = 0;
    for (const { 0: end, index } of text.matchAll(LINE_END)) {
      // The other half of the line's end may be in the next piece.
      if (end === '\r' && index === text.length - 1) break;
      const event = this.#line(text.slice(from, index));
      if (event) events.push(event);
      from = index + end.length;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length + this.#size > MOST_CHARACTERS) throw new Error('the relay sends more than a flag document');
    return events;
  }

  #line(line: string): StreamEvent | undefined {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#name = value;
    if (field !== 'data') return undefined;
    this.#data.push(value);
    this.#size += value.length;
    return undefined;
  }

  #end(): StreamEvent | undefined {
    const event = { name: this.#name || 'message', data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#name = '';
    this.#data = [];
    this.#size = 0;
    return isEmpty ? undefined : event;
  }
}
