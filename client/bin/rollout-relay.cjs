#!/usr/bin/env node
require('./load.cjs').load('worker/relay/main.ts');
