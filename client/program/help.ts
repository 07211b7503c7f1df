const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or a wrong plan, 3 refused by a rule. A watch ends with 0 when the rollout
completed, 3 when it was refused at the start, 1 when it was rolled back, aborted or cut off.

Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_… or a profile of the
Temporal configuration file.`;

export const START_HELP = `
Examples:
  start-rollout staging --sandbox --watch           try it on this machine
  start-rollout prod --reason "release 2.4"         eight days of soak, by plans/pavi.yaml
  start-rollout prod --plan plans/mine.yaml --json  for a pipeline
${EXIT_CODES}`;

export const ROLLOUT_HELP = `
Examples:
  rollout plan prod                                 when would each raise be?
  rollout doctor prod                               would anything in AWS stop it?
  rollout diagnose prod                             jobs fail or do not start: why?
  rollout status prod                               how is it, and what is it waiting for?
  rollout watch staging --sandbox                   live, until it ends
  rollout checklist prod --tick team-notified       what is open; and one thing done
  rollout approve prod                              yes to the plan as it is here, for the next raise
  rollout pause prod --reason "looking at job 17"
  rollout extend prod --for 6h                      hold this percentage for six hours more, from now
  rollout freeze --until 2027-01-04T08:00 --reason "holidays"   no raise in any environment
  rollout setup prod --diff                         what does a rollout need in AWS that is not there?
  rollout deploy staging --diff                     what would a deployment change?
  rollout deploy staging                            deploy it, inside the maintenance window
  rollout verify staging                            does what is deployed work?
  rollout release prod --detach                     deploy, verify, then roll out
  rollout rollback prod --to infra                  0 %, then the stacks as before the last deployment
  rollout abort prod --by alice                     back to 0 %, confirmed
  rollout list --all --json

A refused verb changes nothing: it says which rule refused, what would make it accept and, where time alone decides, from
when; with --json as { error, exitCode, rule, why, remedy, fromMs }.
${EXIT_CODES}`;
