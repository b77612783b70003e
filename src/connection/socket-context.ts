/** What a function is told that is asked something for one new socket. */
export interface SocketContext {
  /** Address of the server it leads to, such as `10.0.0.1:11211`. */
  readonly server: string;
}
