import assert from 'node:assert/strict';

/** What a server answered. */
export interface Page {
  readonly status: number;
  readonly body: unknown;
  /** The cookie was set anew. */
  readonly newCookie: boolean;
}

/** Keeps one cookie, as a browser does. */
export class Browser {
  cookie = '';
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async get(path: string): Promise<Page> {
    const headers: Record<string, string> = this.cookie === '' ? {} : { cookie: this.cookie };
    const response = await fetch(this.#url + path, { headers });
    const [given] = response.headers.getSetCookie();
    if (given !== undefined) [this.cookie] = given.split(';');
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const body: unknown = isJson ? JSON.parse(text) : text;
    return { status: response.status, body, newCookie: given !== undefined };
  }

  /** The body of an answer that must be 200. */
  async read(path: string): Promise<unknown> {
    const { status, body } = await this.get(path);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }
}
