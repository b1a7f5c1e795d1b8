/** Analyses of data and reconstructions: principal components, angles between subspaces, scores of anomalies. */
export { areaUnderRoc, quantile } from "../analysis/anomaly.js";
export { type Covariance, computeCovariance } from "../analysis/covariance.js";
export type { DenseMatrix } from "../analysis/matrix.js";
export { computePca, type Pca, pcaError, pcaOf } from "../analysis/pca.js";
export { principalAngles } from "../analysis/principal-angles.js";
export { type PrincipalAxes, principalAxes } from "../analysis/principal-axes.js";
export type { ReconstructionError } from "../analysis/reconstruction-error.js";
