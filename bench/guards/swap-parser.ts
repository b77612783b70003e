/** `node --import` this file: whoever asks for the product's parser gets the one without guards. */
import { register } from 'node:module';

register('./parser-hook.js', import.meta.url);
