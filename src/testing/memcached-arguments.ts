/** Certificate and private key, as paths of PEM files. */
export interface MemcachedTls {
  /** Of the certificate, with its chain. */
  readonly cert: string;
  /** Of its private key. */
  readonly key: string;
}

/** What is written on memcached's command line. */
export interface MemcachedSettings {
  /** Where to listen instead of a TCP port: the path of a Unix socket. */
  readonly unixSocket?: string;
  /** Speak TLS with this certificate and key. Default: plain text. */
  readonly tls?: MemcachedTls;
  /** Memory for items, in MiB (`-m`). Default: 64. */
  readonly memoryMiB?: number;
  /** Largest item, in bytes, its header included (`-I`). Default: memcached's own, 1 MiB. */
  readonly itemSizeMax?: number;
  /** Worker threads of the server (`-t`). Default: 1. */
  readonly threads?: number;
  /** Largest number of connections (`-c`). Default: memcached's own, 1024. */
  readonly maxConnections?: number;
  /** Further arguments, put last, such as `['-o', 'modern']`. Not `-d`: the server must stay the child it is. */
  readonly args?: readonly string[];
}

function numeric(flag: string, value: number | undefined): string[] {
  return value === undefined ? [] : [flag, String(value)];
}

function endpoint(settings: MemcachedSettings, port: number): string[] {
  // A socket file that a failed run left behind is removed by memcached itself.
  if (settings.unixSocket !== undefined) return ['-s', settings.unixSocket];
  return ['-l', '127.0.0.1', '-p', String(port), '-U', '0'];
}

export function memcachedArguments(settings: MemcachedSettings, port: number): string[] {
  const { tls } = settings;
  return [
    ...endpoint(settings, port),
    ...numeric('-m', settings.memoryMiB ?? 64),
    ...numeric('-t', settings.threads ?? 1),
    ...numeric('-I', settings.itemSizeMax),
    ...numeric('-c', settings.maxConnections),
    ...(tls === undefined ? [] : ['-Z', '-o', `ssl_chain_cert=${tls.cert},ssl_key=${tls.key}`]),
    // memcached refuses to run as root unless told who to be. Another user could not open what the caller of this made:
    // the folder of a Unix socket, the private key, a file of passwords.
    ...(process.getuid?.() === 0 ? ['-u', 'root'] : []),
    ...(settings.args ?? []),
  ];
}
