"""Why a model says what it says: Grad-CAM, occlusion, feature maps, neighbours, projection. Not whether it is right."""
