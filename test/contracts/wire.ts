/**
 * A network that can be cut: a proxy in this process between a server and whoever uses the wire's address in its place.
 *
 * A wire that is cut carries nothing and closes nothing, as a cable that was pulled: what was sent meanwhile arrives when it is
 * mended, and connections that were begun meanwhile are made then.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

export class Wire {
  /** As the server's, with the wire's port. */
  readonly url: string;
  private readonly server: Server;
  private readonly host: string;
  private readonly port: number;
  private readonly links = new Set<Link>();
  private isCut = false;
  private losing: { readonly text: string; readonly lost: () => void } | undefined;

  private constructor(server: Server, url: URL, own: number) {
    this.server = server;
    this.host = url.hostname;
    this.port = Number(url.port);
    const there = new URL(url);
    there.port = String(own);
    this.url = there.href;
    server.on("connection", (near) => this.join(near));
  }

  static async to(url: string): Promise<Wire> {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the wire has no port");
    return new Wire(server, new URL(url), address.port);
  }

  cut(): void {
    this.isCut = true;
    for (const link of this.links) link.pause();
  }

  mend(): void {
    this.isCut = false;
    for (const link of this.links) link.resume();
  }

  /** Breaks the connection on which the next message with `text` is sent, between the message and its answer. */
  loseAnswerTo(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.losing = { text, lost: resolve };
    return promise;
  }

  async close(): Promise<void> {
    for (const link of this.links) link.break();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket): void {
    const link = new Link(near, this.host, this.port, (message) => this.isLast(message));
    this.links.add(link);
    void link.ended.then(() => this.links.delete(link));
    if (!this.isCut) link.resume();
  }

  private isLast(message: Buffer): (() => void) | undefined {
    const { losing } = this;
    if (losing === undefined || !message.includes(losing.text)) return undefined;
    this.losing = undefined;
    return losing.lost;
  }
}

/** One connection, which begins paused. */
class Link {
  readonly ended: Promise<void>;
  private readonly near: Socket;
  private readonly place: { readonly host: string; readonly port: number };
  private readonly isLast: (message: Buffer) => (() => void) | undefined;
  private far: Socket | undefined;
  private end: () => void = () => undefined;
  private lost: (() => void) | undefined;

  constructor(
    near: Socket,
    host: string,
    port: number,
    isLast: (message: Buffer) => (() => void) | undefined,
  ) {
    this.near = near;
    this.place = { host, port };
    this.isLast = isLast;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    near.on("error", () => this.break());
    near.on("close", () => this.break());
    near.on("data", (message) => {
      this.lost ??= this.isLast(message);
      this.far?.write(message);
    });
  }

  pause(): void {
    this.near.pause();
    this.far?.pause();
  }

  resume(): void {
    this.far ??= this.connected();
    this.far.resume();
    this.near.resume();
  }

  break(): void {
    this.near.destroy();
    this.far?.destroy();
    this.end();
  }

  private connected(): Socket {
    const far = connect(this.place);
    far.on("error", () => this.break());
    far.on("close", () => this.break());
    far.on("data", (answer) => {
      if (this.lost === undefined) this.near.write(answer);
      else {
        this.lost();
        this.break();
      }
    });
    return far;
  }
}
