// Loaded before a program: its clock is off by the milliseconds in the file CLOCK_OFF_FILE, and jumps when the file changes.
const { readFileSync } = require('node:fs');

const Right = Date;
let offMs = 0;
const look = () => {
  try {
    offMs = Number(readFileSync(process.env.CLOCK_OFF_FILE, 'utf8')) || 0;
  } catch {
    offMs = 0;
  }
};
look();
setInterval(look, 200).unref();

globalThis.Date = class extends Right {
  constructor(...given) {
    if (given.length === 0) super(Right.now() + offMs);
    else super(...given);
  }

  static now() {
    return Right.now() + offMs;
  }
};
