#!/usr/bin/env node
require('./load.cjs').load('worker/main.ts');
