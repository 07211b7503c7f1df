import { checkedAnswer } from '../answers';
import { Rig } from './rig';

/** What the verbs of the client meet that a test runs in its own process, and what they print. */
export interface VerbsHere {
  readonly rig: Rig;
  /** The answers in JSON since the test began, checked against their schemas, which are not shown. */
  readonly said: readonly Record<string, unknown>[];
}

/** For a whole file of tests. A real server: the verbs measure time by the machine's clock. */
export function verbsHere(): VerbsHere {
  const address = process.env['TEMPORAL_ADDRESS'];
  let rig: Rig | undefined;
  let said: Record<string, unknown>[] = [];
  beforeAll(async () => {
    rig = await Rig.startReal();
    process.env['TEMPORAL_ADDRESS'] = rig.env.address;
  });
  afterAll(async () => {
    if (address === undefined) delete process.env['TEMPORAL_ADDRESS'];
    else process.env['TEMPORAL_ADDRESS'] = address;
    await rig?.stop();
  });
  beforeEach(() => {
    said = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said.push(checkedAnswer(String(text)));
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());
  return {
    get rig() {
      if (rig === undefined) throw new Error('the server is not started before the tests are');
      return rig;
    },
    get said() {
      return said;
    },
  };
}
