// A CDK app of one empty-handed stack, written as a cloud assembly without the library. It notes for which account it was run.
const fs = require('node:fs');
const path = require('node:path');
const folder = process.env.CDK_OUTDIR;
fs.mkdirSync(folder, { recursive: true });
fs.appendFileSync('accounts.txt', String(process.env.CDK_DEFAULT_ACCOUNT));
const template = { Resources: { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } } };
fs.writeFileSync(path.join(folder, 'Account.template.json'), JSON.stringify(template));
const environment = `aws://${process.env.CDK_DEFAULT_ACCOUNT}/us-east-1`;
const properties = { templateFile: 'Account.template.json' };
const artifacts = { Account: { type: 'aws:cloudformation:stack', environment, properties } };
fs.writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));
