export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** The events in the lines of a `text/event-stream` (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export async function* eventsIn(lines: AsyncIterable<string>): AsyncGenerator<ServerSentEvent> {
  let id: string | undefined;
  let data: string[] = [];
  for await (const line of lines) {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (line === '' && data.length > 0) yield { id, data: data.join('\n') };
    if (line === '') data = [];
    else if (name === 'data') data.push(value);
    else if (name === 'id') id = value;
  }
}
