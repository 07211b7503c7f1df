import { resolve } from 'node:path';

/** The folder with this code: the checkout, or `dist/` of an installed package. */
export const ROOT = resolve(__dirname, '..');

/** Whether this is an installed package: it contains compiled code only. */
export const IS_INSTALLED = __filename.endsWith('.js');
