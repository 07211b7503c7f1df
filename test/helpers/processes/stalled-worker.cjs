// Loaded before the worker's own program: its rollouts are those of `stalled-rollout.ts`.
require('../../../worker/bundle.ts').WORKFLOWS.workflowsPath = require.resolve('../temporal/stalled-rollout.ts');
