import { startDeploymentFor } from './deployments';
import type { Deployment, Victim } from './deployments';

/** Keeps deployments from round to round, so that a start also meets what earlier crashes have left. After a failed round it makes a new one. */
export class DeploymentPool {
  readonly #running = new Map<string, Deployment>();

  async for(victim: Victim): Promise<Deployment> {
    const mode = victim === 'worker' ? 'split' : 'embedded';
    const found = this.#running.get(mode) ?? (await startDeploymentFor(victim));
    this.#running.set(mode, found);
    return found;
  }

  async drop(deployment: Deployment): Promise<void> {
    for (const [mode, each] of this.#running) if (each === deployment) this.#running.delete(mode);
    await deployment.stop();
  }

  async dropAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((each) => this.drop(each)));
  }
}
