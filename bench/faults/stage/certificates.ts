import {
  type Certificates,
  certificatesMissing,
  makeCertificates,
} from '../../../test/support/certificates.ts';

/** Why there can be no TLS here, if so. */
export const tlsMissing: false | string = certificatesMissing;

let made: Certificates | undefined;

/** Made once in a run, and removed with it. */
export function certificates(): Certificates {
  if (made === undefined) {
    made = makeCertificates();
    process.once('exit', made.dispose);
  }
  return made;
}
