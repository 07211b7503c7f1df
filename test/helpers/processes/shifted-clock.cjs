// Loaded before a program: its clock is off by CLOCK_OFF_MS, as on a machine whose clock was set wrong. With CLOCK_OFF_FILE it is off by the
// milliseconds in that file, and jumps when the file changes.
const { readFileSync } = require('node:fs');

const Right = Date;
const file = process.env.CLOCK_OFF_FILE;
let offMs = Number(process.env.CLOCK_OFF_MS ?? 0);
const look = () => {
  try {
    offMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offMs = 0;
  }
};
if (file !== undefined) {
  look();
  setInterval(look, 200).unref();
}

globalThis.Date = class extends Right {
  constructor(...given) {
    if (given.length === 0) super(Right.now() + offMs);
    else super(...given);
  }

  static now() {
    return Right.now() + offMs;
  }
};
