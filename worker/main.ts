/** The worker process for services whose plans need nothing but this engine. */
import { workerProcess } from './process';

workerProcess();
