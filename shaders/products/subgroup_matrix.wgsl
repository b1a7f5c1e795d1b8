// Names of WGSL's extension chromium_experimental_subgroup_matrix. The linker does not know them, and would report them as
// mistakes. So they are declared here, and src/device/webgpu/link.ts removes the declarations after linking.
const col_major = 0;
const row_major = 0;
const subgroupMatrixLoad = 0;
const subgroupMatrixMultiplyAccumulate = 0;
const subgroupMatrixStore = 0;
const subgroup_matrix_left = 0;
const subgroup_matrix_result = 0;
const subgroup_matrix_right = 0;
