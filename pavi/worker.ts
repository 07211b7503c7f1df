/** The worker process of PAVI: the engine, with the kind of jobs that its plan names. */
import { workerProcess } from '../worker/process';
import { PAVI_KIND } from './jobs';

workerProcess({ jobKinds: [PAVI_KIND] });
