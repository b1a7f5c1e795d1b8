// What WGSL has from the extension chromium_experimental_subgroup_matrix. The linker does not know these names and would take
// them for mistakes; so they are declared here, and src/device/webgpu/link.ts takes the declarations out of what is linked.
const col_major = 0;
const row_major = 0;
const subgroupMatrixLoad = 0;
const subgroupMatrixMultiplyAccumulate = 0;
const subgroupMatrixStore = 0;
const subgroup_matrix_left = 0;
const subgroup_matrix_result = 0;
const subgroup_matrix_right = 0;
