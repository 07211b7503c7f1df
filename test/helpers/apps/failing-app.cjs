// A CDK app as one in Python fails: a banner of its runtime, a warning for each old package, then the traceback, whose end says why.
const banner = Array.from(
  { length: 14 },
  (_, line) => `!! This software has not been tested with node v20.20.2. Line ${line}. ${'!'.repeat(40)}`,
);
process.stderr.write(`${banner.join('\n')}\n\n`);
process.stderr.write(
  'Traceback (most recent call last):\n  File "/srv/app.py", line 7, in <module>\n    PipelineStack(app, "Pipeline")\n',
);
process.stderr.write(`${'  File "/srv/lib/jsii/_kernel/providers/process.py", line 326, in send\n'.repeat(40)}`);
process.stderr.write(`${process.argv[2]}\n`);
process.exitCode = 1;
