#!/usr/bin/env node
require('../../register.cjs');
require('../main.ts').main('start-rollout');
