#!/usr/bin/env node
require('./load.cjs').load('client/main.ts').main('rollout');
